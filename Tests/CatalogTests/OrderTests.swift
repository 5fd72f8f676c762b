import Objects
import Testing

@testable import Catalog

/// The same objects and heads give the same tree, in whatever order they come.
@Suite(.enabled(if: Alice.shared != nil))
struct OrderTests {
    let alice: Alice

    init() throws { alice = try #require(Alice.shared) }

    enum Step {
        case object(ObjectHash)
        case head(IDHash, ObjectHash)
    }

    private func shuffled(_ seed: UInt64) -> [Step] {
        let random = SeededRandom(seed: seed)
        var steps = alice.objects.keys.sorted().map { Step.object($0) }
        steps += alice.heads.map { Step.head($0.id, $0.node) }
        for index in steps.indices.dropFirst().reversed() {
            steps.swapAt(index, Int(random.number(below: UInt64(index + 1))))
        }
        return steps
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func anyOrderOfArrivalGivesTheSameTree(seed: UInt64) throws {
        let expected = try dump(alice.catalog())
        let objects = MemoryObjects(alice.objects)
        let catalog = try Catalog(path: nil, objects: objects, owner: alice.owner, book: .standard)
        let random = SeededRandom(seed: seed + 100)
        var steps = shuffled(seed)[...]
        while !steps.isEmpty {
            let batch = steps.prefix(Int(random.number(below: 60)) + 1)
            steps = steps.dropFirst(batch.count)
            var changes: [Change] = []
            for step in batch {
                switch step {
                case .object(let hash):
                    objects.bring(hash)
                    changes.append(.object(try #require(objects.known(hash)), held: true))
                case .head(let id, let node): changes.append(.head(id, node: node))
                }
            }
            try catalog.record(changes)
        }
        #expect(try dump(catalog) == expected)
    }

    @Test(arguments: [7, 8] as [UInt64])
    func damagedObjectsHarmNothing(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        var bytes = alice.objects
        var known: [Change] = []
        for hash in alice.objects.keys.sorted() {
            guard var damaged = alice.objects[hash], !damaged.isEmpty, random.number(below: 3) == 0 else { continue }
            for _ in 0...random.number(below: 3) {
                let index = Int(random.number(below: UInt64(damaged.count)))
                damaged[index] = random.bytes(1)[0]
            }
            bytes[ObjectHash(of: damaged)] = damaged
            known.append(.object(KnownObject(hash: ObjectHash(of: damaged), bytes: damaged), held: true))
        }
        let objects = MemoryObjects(bytes)
        objects.bringAll()
        let catalog = try Catalog(path: nil, objects: objects, owner: alice.owner, book: .standard)
        try catalog.record(known + alice.heads.map { .head($0.id, node: $0.node) })
        try catalog.record(alice.objects.keys.compactMap(objects.known).map { .object($0, held: true) })
        #expect(try !dump(catalog).contains { $0.contains("WRONG SIZE") })
        #expect(try catalog.statistics().messageCount >= 204)
    }

    @Test func aPeersFeedBeforeTheBytesGivesTheSameTree() throws {
        let expected = try dump(alice.catalog())
        let objects = MemoryObjects(alice.objects)
        let catalog = try Catalog(path: nil, objects: objects, owner: alice.owner, book: .standard)
        var changes: [Change] = objects.all.compactMap(objects.known).map { .object($0, held: true) }
        changes += alice.heads.map { .head($0.id, node: $0.node) }
        try catalog.record(changes, from: "archive")
        let metadata = objects.all.compactMap(objects.known).filter { $0.kind == .one || $0.kind == .id }.map(\.hash)
        for hash in metadata.shuffled() {
            objects.bring(hash)
            try catalog.held([hash])
        }
        #expect(try dump(catalog) == expected)
        let blob = try #require(objects.all.first { objects.known($0)?.kind == .blob })
        #expect(try catalog.holders(of: blob) == ["archive"])
        #expect(try catalog.known(blob)?.held == false)
    }
}
