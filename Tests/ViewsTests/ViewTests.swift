import Objects
import SystemPackage
import TestSupport
import Testing

@testable import Views

/// A view over memory.
struct Sample {
    let tree = MemoryTree()
    let reader = ControlledReader(directory: "/nonexistent")
    let status = MemoryStatus()
    let view: View

    init(show: Set<ViewOptions.Shown> = [], noFetch: [String] = [], isOwnerOnly: Bool = false) {
        let options = ViewOptions(
            show: show,
            gate: ListedGate(noFetch),
            userID: 7,
            groupID: 8,
            isOwnerOnly: isOwnerOnly
        )
        view = View(of: tree, objects: reader, status: status, options: options)
    }

    /// A ONE object that is known.
    @discardableResult
    func note(_ text: String) -> KnownObject {
        let html = #"<div itemscope itemtype="//refin.io/Note"><span itemprop="text">\#(text)</span></div>"#
        let object = reader.addAbsent(Array(html.utf8), .bytes)
        tree.addKnown(object, held: false)
        return object
    }

    func entry(_ path: String) throws(ObjectError) -> Entry {
        var entry = try view.entry(FixedEntry.root)
        for name in path.split(separator: "/") { entry = try view.lookup(String(name), in: entry.number) }
        return entry
    }

    func names(in directory: Directory, after cursor: UInt64 = 0, limit: Int = .max) throws -> [String] {
        var names: [String] = []
        try directory.list(after: cursor) { line throws(ObjectError) in
            if names.count == limit { return false }
            names.append(line.entry.name)
            return true
        }
        return names
    }
}

@Suite struct ViewTests {
    @Test func `The root is as new as its newest entry, and names lead to where they say`() throws {
        let sample = Sample()
        var files = try sample.tree.entry(FixedEntry.files)
        files.modified = Timestamp(nanoseconds: Timestamp.sample.nanoseconds + 1)
        sample.tree.insert(files)
        #expect(try sample.view.entry(FixedEntry.root).modified == files.modified)
        let day = sample.tree.addDocument(
            "1.md",
            in: sample.tree.addDirectory("Ada", in: FixedEntry.conversations),
            "x"
        )
        #expect(try sample.entry("conversations/Ada/1.md").number == day)
        #expect(try sample.view.path(of: sample.entry("conversations/Ada/1.md")) == "conversations/Ada/1.md")
        #expect(try sample.view.path(of: sample.entry(".iom/objects/ab")) == ".iom/objects/ab")
        #expect(throws: ObjectError.unknown) { try sample.entry("conversations/Bob") }
        #expect(throws: ObjectError.unknown) { try sample.view.entry(999_999) }
        // U+212A looks like K and is canonically equal to it.
        #expect(throws: ObjectError.unknown) { try sample.entry("README\u{2024}md") }
    }

    @Test(arguments: [
        (0, 0, 0), (1, 1, 1), (512, 512, 1), (513, 513, 2), (1_000_000, 0, 1), (1_000_000, 1_024, 2), (1, 0, 1),
    ])
    func `Blocks count what is here, and never none of what is not`(_ size: Int, _ local: Int, _ blocks: Int) {
        let hash = ObjectHash(of: [1])
        let entry = Entry(
            number: 70_000,
            parent: FixedEntry.files,
            name: "a",
            kind: .object(hash),
            byteCount: size,
            modified: .sample,
            localByteCount: local
        )
        let attributes = Sample().view.attributes(of: entry)
        #expect(attributes.blockCount == blocks && attributes.byteCount == size)
        #expect(attributes.permissions == 0o444 && attributes.userID == 7 && attributes.groupID == 8)
        #expect(Sample(isOwnerOnly: true).view.attributes(of: entry).permissions == 0o400)
    }

    @Test func `A number below .iom says what it is, and stays for as long as it is looked up`() throws {
        let sample = Sample()
        let object = sample.note("a")
        let path = ".iom/objects/\(object.hash.hex.prefix(2))/\(object.hash)"
        let number = try sample.entry(path).number
        #expect(try sample.entry(path).number == number)
        #expect(try sample.view.entry(number).kind == .object(object.hash))
        sample.view.forget(number, 1)
        #expect(try sample.view.entry(number).byteCount == object.byteCount)
        sample.view.forget(number, 1)
        #expect(sample.view.nodes.count == 0)
        #expect(throws: ObjectError.unknown) { try sample.view.entry(number) }
        #expect(try Sample().view.entry(sample.entry(".iom/status/stats.json").number).name == "stats.json")
    }

    @Test func `Two hashes that begin alike never share a number`() throws {
        let bytes = [UInt8](repeating: 0xAB, count: 31)
        let hashes = (0..<20).compactMap { ObjectHash(bytes: bytes + [$0]) }
        let table = NodeTable()
        let numbers = hashes.map { table.retain(MachinePlace(node: .object($0), isTop: false)) }
        #expect(Set(numbers).count == 20)
        for (number, hash) in zip(numbers, hashes) { #expect(table[number]?.node == .object(hash)) }
        for number in numbers { table.forget(number, 1) }
        #expect(table.count == 0)
    }

    @Test func `What nobody knows is not there, and what is not local is not asked for`() throws {
        let sample = Sample()
        let object = sample.note("a")
        for path in [
            "objects/\(object.hash)", "objects/zz", "types/note", "status/x.json", "previews/x", "objects/ab/ab",
        ] {
            #expect(throws: ObjectError.unknown, "\(path)") { try sample.entry(".iom/\(path)") }
        }
        #expect(
            try sample.entry(".iom/types/Note/\(object.hash)").kind
                == .link("../../objects/\(object.hash.hex.prefix(2))/\(object.hash)")
        )
        #expect(throws: ObjectError.unknown) { try sample.entry("objects") }
        #expect(throws: ObjectError.system(.notDirectory, "lookup")) { try sample.entry(".iom/status/stats.json/x") }
        #expect(sample.reader.readCount == 0)
    }

    @Test func `Shown directories lie at the top with links of their own`() throws {
        let sample = Sample(show: [.types])
        let object = sample.note("a")
        let root = try sample.view.openDirectory(FixedEntry.root)
        #expect(try sample.names(in: root).contains("types"))
        #expect(
            try sample.entry("types/Note/\(object.hash)").kind
                == .link("../../.iom/objects/\(object.hash.hex.prefix(2))/\(object.hash)")
        )
        #expect(try sample.entry("types/Note").number != sample.entry(".iom/types/Note").number)
    }
}
