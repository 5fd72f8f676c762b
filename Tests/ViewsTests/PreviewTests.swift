import Objects
import TestSupport
import Testing

@testable import Views

/// Smaller renditions below `.iom/previews`.
@Suite struct PreviewTests {
    @Test func previewsAreFilesOfTheirSizes() throws {
        let sample = Sample()
        let hashes = (0..<300).map { ObjectHash(of: Array("image \($0)".utf8)) }
        for (number, hash) in hashes.enumerated() {
            sample.status.setPreview([UInt8](repeating: 1, count: number + 1), of: hash)
        }
        let directory = try sample.view.openDirectory(sample.entry(".iom/previews").number)
        #expect(try sample.names(in: directory) == [".", ".."] + hashes.sorted().map { "\($0.hex).jpg" })
        let entry = try sample.entry(".iom/previews/\(hashes[41].hex).jpg")
        #expect(entry.byteCount == 42)
        let file = try sample.view.open(entry)
        guard case .bytes(let bytes, let range) = try sample.view.read(0..<100, of: file, by: .init { nil }) else {
            Issue.record("it has no bytes")
            return
        }
        #expect(Array(bytes[range]) == [UInt8](repeating: 1, count: 42))
    }

    @Test(arguments: ["", "abc.jpg", "\(ObjectHash(of: [1]).hex).jpg", "\(ObjectHash(of: [0]).hex)"])
    func whatIsNoPreviewIsNotThere(_ name: String) throws {
        let sample = Sample()
        sample.status.setPreview([1], of: ObjectHash(of: [0]))
        #expect(throws: ObjectError.unknown) { try sample.view.lookup(name, in: sample.entry(".iom/previews").number) }
    }
}
