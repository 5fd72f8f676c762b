import Foundation
import Objects
import Synchronization

@testable import Catalog

/// Objects in memory, of which some are "here".
final class MemoryObjects: LocalObjects {
    private let bytes: [ObjectHash: [UInt8]]
    private let here: Mutex<Set<ObjectHash>>

    init(_ bytes: [ObjectHash: [UInt8]], here: Set<ObjectHash> = []) {
        self.bytes = bytes
        self.here = Mutex(here)
    }

    func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? {
        here.withLock { $0.contains(hash) } ? bytes[hash] : nil
    }

    func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int? { try localBytes(of: hash)?.count }

    func bring(_ hash: ObjectHash) { here.withLock { _ = $0.insert(hash) } }
    func bringAll() { here.withLock { $0 = Set(bytes.keys) } }
    func known(_ hash: ObjectHash) -> KnownObject? { bytes[hash].map { KnownObject(hash: hash, bytes: $0) } }
    var all: [ObjectHash] { bytes.keys.sorted() }
}

/// The store that ONE.CORE wrote, and what it reads back from it.
struct Alice {
    let objects: [ObjectHash: [UInt8]]
    let heads: [(id: IDHash, node: ObjectHash)]
    let manifest: Manifest
    let owner: IDHash

    static let shared: Alice? = try? Alice()

    static var folder: URL {
        if let path = ProcessInfo.processInfo.environment["IOM_FIXTURES"] { return URL(fileURLWithPath: path) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/fixtures")
    }

    init() throws {
        let store = Self.folder.appending(path: "one-store")
        let manifestData = try Data(contentsOf: store.appending(path: "MANIFEST.alice.json"))
        manifest = try JSONDecoder().decode(Manifest.self, from: manifestData)
        owner = manifest.instance.owner
        let base = store.appending(path: "alice/" + manifest.instance.idHash.hex)
        var objects: [ObjectHash: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: base.appending(path: "objects").path) {
            guard let hash = ObjectHash(hex: name) else { continue }
            objects[hash] = Array(try Data(contentsOf: base.appending(path: "objects/" + name)))
        }
        self.objects = objects
        heads = try FileManager.default.contentsOfDirectory(atPath: base.appending(path: "vheads").path).sorted()
            .compactMap {
                let text = try String(contentsOf: base.appending(path: "vheads/" + $0), encoding: .utf8)
                guard let id = IDHash(hex: $0), let node = ObjectHash(hex: text) else { return nil }
                return (id, node)
            }
    }

    /// A catalog of everything, made in one go.
    func catalog() throws -> Catalog {
        let objects = MemoryObjects(self.objects)
        objects.bringAll()
        let catalog = try Catalog(path: nil, objects: objects, owner: owner, book: .standard)
        try catalog.rebuild { rebuild in
            for hash in objects.all { if let known = objects.known(hash) { try rebuild.add(known) } }
            for (id, node) in heads { rebuild.add(head: node, of: id) }
        }
        return catalog
    }
}

/// The parts of MANIFEST.alice.json that are checked.
struct Manifest: Decodable {
    struct Instance: Decodable {
        var idHash: IDHash
        var owner: IDHash
    }
    struct Person: Decodable {
        var displayName: String
    }
    struct AttachmentLine: Decodable {
        var hash: ObjectHash
        var blobHash: ObjectHash?
        var name: String?
        var mime: String?
        var blobSize: Int?
    }
    struct MessageLine: Decodable {
        var time: Double
        var author: IDHash
        var text: String
        var attachments: [AttachmentLine]?
        var creationTimeHash: ObjectHash
        var dataHash: ObjectHash
    }
    struct ConversationLine: Decodable {
        var topicId: String
        var name: String?
        var kind: String
        var messages: [MessageLine]
    }
    var instance: Instance
    var me: Person
    var contacts: [Person]
    var conversations: [ConversationLine]
}

/// The whole tree as lines: path, number, kind, size, time, target; and a hash of each document.
func dump(_ catalog: Catalog) throws -> [String] {
    var lines: [String] = []
    var open: [(path: String, number: EntryNumber)] = [("", FixedEntry.root)]
    while let (path, number) = open.popLast() {
        var after: EntryNumber?
        while true {
            let entries = try catalog.entries(in: number, after: after, limit: 7)
            guard let last = entries.last else { break }
            after = last.number
            for entry in entries {
                let inside = path + "/" + entry.name
                var line = "\(inside) \(entry.number) \(entry.kind) \(entry.byteCount) \(entry.modified.nanoseconds)"
                switch entry.kind {
                case .directory: open.append((inside, entry.number))
                case .document:
                    let bytes = try catalog.document(entry.number)
                    line +=
                        " \(ObjectHash(of: bytes)) \(bytes.count == entry.byteCount ? "exact" : "WRONG SIZE \(bytes.count)")"
                case .object, .link: break
                }
                lines.append(line)
            }
        }
    }
    return lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}
