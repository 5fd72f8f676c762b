import ArgumentParser
import Foundation
import Peers

/// What deflate makes of files, type by type: where it pays, what it costs, and whether the instance would use it.
struct Deflate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deflate",
        abstract: "Deflate files as they go over the wire: how much is left, and how fast, for each type.",
        discussion: "Example:  Bench deflate ~/Pictures ~/iom/.iom/types   (types are the last parts of names)"
    )
    /// Of each type.
    private static let byteCountMax = 64 << 20

    @Argument(help: "Files, or folders of files.", completion: .directory) var paths: [String]

    func run() throws {
        var types: [String: DeflatedType] = [:]
        for url in try files() {
            let type = url.pathExtension.isEmpty ? "microdata" : url.pathExtension.lowercased()
            guard types[type, default: .init()].byteCount < Self.byteCountMax, let bytes = try? Data(contentsOf: url)
            else { continue }
            types[type, default: .init()].add([UInt8](bytes.prefix(Self.byteCountMax)))
        }
        print("| type | files | bytes | each alone | one after the other | MB/s | used on a slow link |")
        print("|---|---|---|---|---|---|---|")
        for (name, type) in types.sorted(by: { $0.key < $1.key }) { print(type.line(name)) }
    }

    private func files() throws -> [URL] {
        try paths.flatMap { path -> [URL] in
            var isFolder: ObjCBool = false
            let url = URL(fileURLWithPath: path)
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw ValidationError("\(path) is not there")
            }
            guard isFolder.boolValue else { return [url] }
            let found = FileManager.default.enumerator(at: url, includingPropertiesForKeys: [.isRegularFileKey])
            return (found?.compactMap { $0 as? URL } ?? []).filter {
                (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
            }
        }
    }
}

/// The files of one type, deflated.
struct DeflatedType {
    private(set) var byteCount = 0
    private var fileCount = 0
    private var aloneByteCount = 0
    private var streamByteCount = 0
    private var payingCount = 0
    private var duration = Duration.zero
    private let stream = Deflater()

    mutating func add(_ bytes: [UInt8]) {
        (fileCount, byteCount) = (fileCount + 1, byteCount + bytes.count)
        if Deflater.pays(for: bytes) { payingCount += 1 }
        var output: [UInt8] = []
        duration += ContinuousClock().measure {
            stream.add(bytes, deflating: true, to: &output)
            stream.flush(to: &output)
        }
        streamByteCount += output.count
        output.removeAll(keepingCapacity: true)
        let alone = Deflater()
        alone.add(bytes, deflating: true, to: &output)
        alone.flush(to: &output)
        aloneByteCount += output.count
    }

    func line(_ name: String) -> String {
        func percent(_ part: Int) -> String { "\(Int((Double(part) / Double(max(1, byteCount)) * 100).rounded())) %" }
        let speed = Int(Double(byteCount) / 1e6 / max(1e-9, duration / .seconds(1)))
        // Of messages it is used on any link: the stream has them as its dictionary.
        let used = name == "microdata" ? "always" : "\(payingCount) of \(fileCount)"
        let columns = [
            name, "\(fileCount)", "\(byteCount)", percent(aloneByteCount), percent(streamByteCount), "\(speed)", used,
        ]
        return "| " + columns.joined(separator: " | ") + " |"
    }
}
