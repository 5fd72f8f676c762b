import Foundation
import Testing

@testable import Objects

/// What holds for merges of any versions of any type; `IOM_SEEDS=n` tries that many random ones.
@Suite(.timeLimit(.minutes(10))) struct MergePropertyTests {
    static let seeds: Range<UInt64> = {
        let count = ProcessInfo.processInfo.environment["IOM_SEEDS"].flatMap { UInt64($0) } ?? 100
        return 0..<count
    }()

    private let book: RecipeBook

    init() throws { book = try FixtureBook.book.get() }

    /// A thing with a history, and what others have made of it meanwhile.
    private struct Scene {
        let random: RandomVersions
        let id: IDHash
        let type: String
        /// The instance that has the history.
        var here: MemoryVersions
        /// Nodes of others, of which some come from others of them, all stored here.
        var nodes: [ObjectHash] = []

        init(_ book: RecipeBook, seed: UInt64) throws {
            random = RandomVersions(book, seed: seed)
            type = RandomVersions.types[Int(seed) % RandomVersions.types.count]
            here = try .withReferredObjects(book)
            var object = try random.version(of: 1, type)
            id = try here.id(of: object)
            for _ in 0..<random.number(below: 4) {
                try here.change(object, at: time())
                object = try random.chance(80) ? random.changed(object) : random.version(of: 1, type)
            }
            for _ in 0...random.number(below: 3) {
                var object = try random.chance(50) ? here.current(id) ?? object : random.version(of: 1, type)
                var link = VersionNode.Link.edge
                for depth in 0...random.number(below: 3) {
                    object = try random.changed(object)
                    let node = try here.put(object, link: link, depth: Double(depth), at: time())
                    nodes.append(node)
                    link = .change(previous: node)
                }
            }
        }

        func time() -> Double { Double(1 + random.number(below: 6)) }
    }

    @Test func `Versions that come together have one result, whatever their order, and once`() throws {
        for seed in Self.seeds {
            let scene = try Scene(book, seed: seed)
            var (one, other) = (scene.here, scene.here)
            try one.take(scene.nodes, of: scene.id)
            try other.take(scene.random.shuffled(scene.nodes + scene.nodes.prefix(2)), of: scene.id)
            #expect(one.heads == other.heads, "seed \(seed)")
            #expect(try one.take(scene.nodes, of: scene.id) == .exists, "seed \(seed)")
            #expect(one.heads == other.heads, "seed \(seed)")
        }
    }

    /// Arrays and maps excepted, whose order is that of the first of two versions (one-format 2.7).
    @Test func `Versions that come one after the other have one content, whatever their order`() throws {
        for seed in Self.seeds {
            let scene = try Scene(book, seed: seed)
            var (one, other) = (scene.here, scene.here)
            for node in scene.nodes { try one.take([node], of: scene.id) }
            for node in scene.random.shuffled(scene.nodes) { try other.take([node], of: scene.id) }
            let contents = try (unordered(one, scene.id), unordered(other, scene.id))
            #expect(contents.0 == contents.1, "seed \(seed), \(scene.type)")
            // Two of one owner then tell each other what they have.
            one.takeObjects(of: other)
            other.takeObjects(of: one)
            let heads = (try #require(one.heads[scene.id]), try #require(other.heads[scene.id]))
            try one.adopt(heads.1, of: scene.id)
            try other.adopt(heads.0, of: scene.id)
            #expect(one.heads == other.heads, "seed \(seed), \(scene.type)")
            #expect(try one.adopt(heads.0, of: scene.id) == .exists, "seed \(seed)")
            #expect(try unordered(one, scene.id) == contents.0, "seed \(seed), \(scene.type)")
        }
    }

    @Test func `Two that tell each other what they made end at the same node, with what is in both`() throws {
        for seed in Self.seeds {
            let scene = try Scene(book, seed: seed)
            var (one, other) = (scene.here, scene.here)
            for number in 0..<3 {
                for _ in 0..<scene.random.number(below: 3) {
                    let time = Double(10 * number + scene.random.number(below: 6))
                    try one.change(scene.random.changed(try version(in: one, scene)), at: time)
                    try other.change(scene.random.changed(try version(in: other, scene)), at: time)
                }
                guard let left = one.heads[scene.id], let right = other.heads[scene.id] else { continue }
                one.takeObjects(of: other)
                other.takeObjects(of: one)
                try one.adopt(right, of: scene.id)
                try other.adopt(left, of: scene.id)
                #expect(one.heads == other.heads, "seed \(seed), \(scene.type)")
            }
        }
    }

    /// Two peers that only ever see each other's versions, as over CHUM.
    ///
    /// What was set on both sides may stay different
    /// (one-protocol 4.6), what was added may not.
    @Test func `Peers that import from each other come to rest, and neither lacks an item the other has`() throws {
        for seed in Self.seeds {
            let scene = try Scene(book, seed: seed)
            var (one, other) = (scene.here, try MemoryVersions.withReferredObjects(book))
            try one.take(scene.nodes, of: scene.id)
            try other.change(scene.random.version(of: 1, scene.type), at: scene.time())
            var rounds = 0
            var isMoving = true
            while isMoving, rounds < 8 {
                let before = (one.heads, other.heads)
                let head = try #require(one.heads[scene.id])
                other.takeObjects(of: one)
                try other.take([head], of: scene.id)
                let back = try #require(other.heads[scene.id])
                one.takeObjects(of: other)
                try one.take([back], of: scene.id)
                isMoving = before.0 != one.heads || before.1 != other.heads
                rounds += 1
            }
            #expect(!isMoving, "seed \(seed), \(scene.type)")
            guard ["Access", "ChannelRegistry", "Group"].contains(scene.type) else { continue }
            #expect(try one.data(of: scene.id) == other.data(of: scene.id), "seed \(seed), \(scene.type)")
        }
    }

    private func version(in versions: MemoryVersions, _ scene: Scene) throws -> OneObject {
        try versions.current(scene.id) ?? scene.random.version(of: 1, scene.type)
    }

    /// The current version with its arrays and maps in an order that says nothing.
    private func unordered(_ versions: MemoryVersions, _ id: IDHash) throws -> Value? {
        try versions.current(id).map { unordered(.object($0.properties)) }
    }

    private func unordered(_ value: Value) -> Value {
        switch value {
        case .list(let items): .list(items.map(unordered).sorted { "\($0)" < "\($1)" })
        case .map(let entries):
            .map(entries.map { .init($0.key, unordered($0.value)) }.sorted { "\($0.key)" < "\($1.key)" })
        case .object(let properties):
            .object(Properties(properties.items.map { ($0.name, unordered($0.value)) }))
        default: value
        }
    }
}
