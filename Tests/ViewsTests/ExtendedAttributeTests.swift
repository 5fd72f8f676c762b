import Objects
import SystemPackage
import TestSupport
import Testing

@testable import Views

@Suite struct ExtendedAttributeTests {
    @Test(arguments: [(0, "no"), (1, "1%"), (50, "50%"), (99, "99%"), (100, "yes")])
    func `How much is here is told in words`(_ local: Int, _ text: String) throws {
        let sample = Sample()
        let object = sample.reader.addAbsent([UInt8](repeating: 1, count: 100), .bytes)
        let number = sample.tree.addFile("a", in: FixedEntry.files, object, localByteCount: local)
        #expect(try sample.view.value(of: .local, of: number) == text)
    }

    @Test func `Each entry has what can be told of it`() throws {
        let sample = Sample()
        let object = sample.note("x")
        let file = sample.tree.addFile("a", in: FixedEntry.files, object, localByteCount: 0)
        let document = sample.tree.addDocument("d", in: FixedEntry.files, "hello")
        #expect(try sample.view.extendedAttributes(of: file) == [.hash, .holders, .local, .pinned, .type])
        #expect(try sample.view.value(of: .type, of: file) == "Note")
        #expect(try sample.view.value(of: .hash, of: document) == ObjectHash(of: Array("hello".utf8)).hex)
        #expect(try sample.view.extendedAttributes(of: document) == [.hash, .local, .type, .pinned])
        #expect(try sample.view.extendedAttributes(of: FixedEntry.files) == [.pinned])
        #expect(try sample.view.extendedAttributes(of: FixedEntry.root) == [])
        #expect(try sample.view.extendedAttributes(of: FixedEntry.readme) == [.hash, .local, .type])
        for number in [file, document, FixedEntry.root, FixedEntry.readme, FixedEntry.files] {
            for attribute in ExtendedAttribute.allCases {
                let isListed = try sample.view.extendedAttributes(of: number).contains(attribute)
                #expect(try (sample.view.value(of: attribute, of: number) != nil) == isListed, "\(attribute) \(number)")
            }
        }
    }

    @Test func `Only pins can be set, to yes or no`() throws {
        let sample = Sample()
        let object = sample.note("x")
        let file = sample.tree.addFile("a", in: FixedEntry.files, object, localByteCount: 0)
        try sample.view.setValue("yes", of: "user.iom.pinned", of: file)
        #expect(try sample.view.value(of: .pinned, of: file) == "yes")
        try sample.view.setValue(nil, of: "user.iom.pinned", of: file)
        #expect(sample.status.pins.isEmpty)
        let refused = ObjectError.system(.readOnlyFileSystem, "setxattr")
        #expect(throws: refused) { try sample.view.setValue("x", of: "user.iom.hash", of: file) }
        #expect(throws: refused) { try sample.view.setValue("yes", of: "user.iom.pinned", of: FixedEntry.root) }
        #expect(throws: ObjectError.self) { try sample.view.setValue("1", of: "user.iom.pinned", of: file) }
    }
}
