import Catalog
import Foundation
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// Random histories of three instances with real stores that write versions of things and messages, hear of a contact's
/// versions and meet in any order; `IOM_SEEDS=n` runs that many.
@Suite(.timeLimit(.minutes(10))) struct VersionHistoryTests {
    private static let seeds: Range<UInt64> = {
        let count = ProcessInfo.processInfo.environment["IOM_SEEDS"].flatMap { UInt64($0) } ?? 24
        return 0..<count
    }()

    @Test func `Instances that met have the same heads, and every message once and in order`() throws {
        for seed in Self.seeds {
            var household = try Household(seed: seed)
            for _ in 0..<24 { try household.step() }
            let rounds = try household.meetUntilNothingHappens()
            #expect(rounds <= 3, "seed \(seed)")
            let heads = try household.instances.map { try $0.heads() }
            #expect(heads[1] == heads[0] && heads[2] == heads[0], "seed \(seed)")
            let expected = household.said.sorted { ($0.milliseconds, $0.hash) > ($1.milliseconds, $1.hash) }.map(\.hash)
            for instance in household.instances { #expect(try instance.messages() == expected, "seed \(seed)") }
        }
    }

    /// A store and who writes into it.
    private final class Instance {
        static let channel = Channel(id: "talk", owner: nil)

        let store: ObjectStore
        let author: Author
        private let folder = TemporaryDirectory()

        init(seed: UInt64) throws {
            let (disk, random) = (MemoryDisk(), SeededRandom(seed: seed))
            try Root.lay(out: disk)
            let root = Root(unchecked: "/memory")
            store = try ObjectStore(root: root, disk: disk, verdicts: VerdictMemory(), random: random)
            let path = folder.path.appending("catalog.sqlite")
            let catalog = try Catalog(path: path, objects: store, owner: nil, book: .standard)
            author = Author(store: store, catalog: catalog, book: .standard, time: SystemTime())
        }

        func heads() throws -> [IDHash: ObjectHash] {
            var heads: [IDHash: ObjectHash] = [:]
            try store.forEachHead(damaged: { _ in }) { id, node in heads[id] = node }
            return heads
        }

        func take(objectsOf other: Instance) throws {
            var objects: [[UInt8]] = []
            try other.store.forEachObject { hash, _ in
                guard try store.localByteCount(of: hash) == nil, let bytes = try other.store.localBytes(of: hash) else {
                    return
                }
                objects.append(bytes)
            }
            let known = try store.put(objects)
            try author.catalog.record(known.map { .object($0, held: true) }, from: nil)
        }

        func adopt(_ heads: [IDHash: ObjectHash]) throws {
            let outcomes = try author.adopt(heads.map { ($0.key, $0.value) })
            #expect(!outcomes.contains(.incomplete) && !outcomes.contains(.unusable))
        }

        /// The times of the messages, newest first.
        func messages() throws -> [ObjectHash] {
            let draft = Draft(book: author.book, current: author.versions)
            var messages: [ObjectHash] = []
            var next = try draft.version(of: Self.channel.idHash(author.book))?["head"]
            while case .reference(let hash)? = next {
                let entry = try ChannelList.entry(hash, in: draft)
                messages.append(entry.creationTime)
                next = entry.previous.map(Value.reference)
            }
            return messages
        }
    }

    private struct Household {
        struct Message: Hashable {
            let milliseconds: Double
            let hash: ObjectHash
        }

        let instances: [Instance]
        var said: Set<Message> = []
        private var lot: Lot

        init(seed: UInt64) throws {
            lot = Lot(seed: seed)
            instances = try (0..<3).map { try Instance(seed: seed &* 3 &+ $0) }
        }

        mutating func step() throws {
            let number = lot.number(3)
            let (instance, other) = (instances[number], instances[(number + 1 + lot.number(2)) % 3])
            switch lot.number(10) {
            case 0..<3: try write(on: instance)
            case 3..<6: try say(on: instance)
            case 6: try hear(on: instance)
            case 7:
                // Only one of them hears of the other.
                try instance.take(objectsOf: other)
                try instance.adopt(other.heads())
            default: try meet(instance, other)
            }
        }

        /// How many rounds it took.
        mutating func meetUntilNothingHappens() throws -> Int {
            for round in 0..<10 {
                let before = try instances.map { try $0.heads() }
                for (one, other) in [(0, 1), (1, 2), (2, 0)] {
                    let isSwapped = lot.isOne(in: 2)
                    try meet(instances[isSwapped ? other : one], instances[isSwapped ? one : other])
                }
                if try instances.map({ try $0.heads() }) == before { return round }
            }
            return 10
        }

        private func meet(_ one: Instance, _ other: Instance) throws {
            let told = try one.heads()
            try one.take(objectsOf: other)
            try other.take(objectsOf: one)
            try one.adopt(other.heads())
            try other.adopt(told)
        }

        private mutating func write(on instance: Instance) throws {
            let object = group()
            let time = time()
            try instance.author.commit { draft in _ = try draft.change(object, at: time) }
        }

        private mutating func say(on instance: Instance) throws {
            let (author, time, number) = (instance.author, time(), said.count)
            let posting = try author.commit { draft in
                let text = try draft.add(OneObject("ChatRequest", [("for", .string("\(number)"))]))
                let posting = try author.write(of: text.hash, at: time, into: &draft)
                try author.post([posting], to: Instance.channel, into: &draft)
                return posting
            }
            said.insert(Message(milliseconds: posting.milliseconds, hash: posting.creationTime))
        }

        /// Versions of a contact come to one of them.
        private mutating func hear(on instance: Instance) throws {
            let (objects, time) = ([group(), group()], time())
            var nodes: [ObjectHash] = []
            var id: IDHash?
            try instance.author.commit { draft in
                for object in objects {
                    let data = try draft.add(object)
                    id = data.idHash
                    let told = VersionNode(link: .edge, data: data.hash, depth: 0, creationTime: time.milliseconds)
                    nodes.append(try draft.add(told.object).hash)
                }
            }
            let outcomes = try instance.author.commit { draft in
                try instance.author.importVersions([(#require(id), nodes)], into: &draft)
            }
            #expect(!outcomes.contains(.incomplete) && !outcomes.contains(.unusable))
        }

        private mutating func group() -> OneObject {
            let members = ["a", "b", "c", "d"].filter { _ in lot.isOne(in: 2) }
            return OneObject(
                "Group",
                [
                    ("name", .string("club")),
                    ("person", .list(members.map { .reference(ObjectHash(of: Array($0.utf8))) })),
                ]
            )
        }

        private mutating func time() -> Timestamp { Timestamp(milliseconds: Double(1_000 + lot.number(12))) }
    }
}
