import Foundation
import Objects
import SystemPackage
import Testing

@testable import Catalog

/// A directory of its own for a test, gone afterwards.
final class Scratch {
    let url = FileManager.default.temporaryDirectory.appending(path: "catalog-\(UUID().uuidString)")
    var path: FilePath { FilePath(url.appending(path: "catalog.sqlite").path) }

    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
}

@Suite(.enabled(if: Alice.shared != nil))
struct PersistenceTests {
    let alice: Alice
    let scratch: Scratch
    let objects: MemoryObjects

    init() throws {
        alice = try #require(Alice.shared)
        scratch = try Scratch()
        objects = MemoryObjects(alice.objects)
        objects.bringAll()
    }

    private func open() throws -> Catalog {
        try Catalog(path: scratch.path, objects: objects, owner: alice.owner, book: .standard)
    }

    private func fill(_ catalog: Catalog) throws {
        try catalog.rebuild { rebuild in
            for known in objects.all.compactMap(objects.known) { try rebuild.add(known) }
            for (id, node) in alice.heads { rebuild.add(head: node, of: id) }
        }
    }

    @Test func reopeningFindsEverything() throws {
        let stamp = FileStamp(
            inode: .max,
            byteCount: 3,
            modified: Timestamp(nanoseconds: 1),
            changed: Timestamp(nanoseconds: 2)
        )
        var before: [String] = []
        do {
            let catalog = try open()
            #expect(catalog.wasReset)
            try fill(catalog)
            catalog.record(stamp, of: objects.all[0])
            #expect(catalog.verdict(of: objects.all[0]) == stamp)
            before = try dump(catalog)
        }
        let again = try open()
        #expect(!again.wasReset)
        #expect(try dump(again) == before)
        #expect(again.verdict(of: objects.all[0]) == stamp)
        #expect(again.verdict(of: objects.all[1]) == nil)
    }

    @Test func rebuildingTwiceGivesTheSameTree() throws {
        let catalog = try open()
        try fill(catalog)
        let first = try dump(catalog)
        let generation = try catalog.feedGeneration()
        try fill(catalog)
        #expect(try dump(catalog) == first)
        #expect(try catalog.feedGeneration() != generation)
    }

    enum Damage: CaseIterable { case garbage, garbageWithin, truncated, text, foreign, empty }

    @Test(arguments: Damage.allCases)
    func aDamagedFileIsMovedAsideAndRebuilt(damage: Damage) throws {
        var expected: [String] = []
        do {
            let catalog = try open()
            try fill(catalog)
            expected = try dump(catalog)
        }
        let file = URL(fileURLWithPath: scratch.path.string)
        var bytes = try Data(contentsOf: file)
        switch damage {
        case .garbage: bytes = Data((0..<100_000).map { _ in UInt8.random(in: 0...255) })
        case .garbageWithin: bytes.replaceSubrange(20_000..<60_000, with: [UInt8](repeating: 0xA5, count: 40_000))
        case .truncated: bytes = bytes.prefix(bytes.count / 2)
        case .text: bytes = Data("not a database".utf8)
        case .empty: bytes = Data()
        case .foreign:
            try FileManager.default.removeItem(at: file)
            let other = try Catalog(
                path: scratch.path,
                objects: objects,
                owner: IDHash(ObjectHash(of: Array("another".utf8))),
                book: .standard
            )
            try other.flushVerdicts()
            bytes = Data()
        }
        if damage != .foreign { try bytes.write(to: file) }
        for suffix in ["-wal", "-shm"] where damage != .foreign {
            try? FileManager.default.removeItem(atPath: scratch.path.string + suffix)
        }
        let catalog = try open()
        #expect(catalog.wasReset)
        #expect((catalog.movedAside == nil) == (damage == .empty))
        try fill(catalog)
        #expect(try dump(catalog) == expected)
    }

    @Test func totalsAreThoseOfTheObjects() throws {
        let catalog = try open()
        try fill(catalog)
        let size = alice.objects.values.reduce(0) { $0 + $1.count }
        var statistics = try catalog.statistics()
        #expect(statistics.objectCount == alice.objects.count && statistics.heldCount == alice.objects.count)
        #expect(statistics.byteCount == size && statistics.heldByteCount == size)
        #expect(statistics.messageCount == 204 && statistics.conversationCount == 4 && statistics.contactCount == 3)
        let largest = try #require(alice.objects.max { $0.value.count < $1.value.count })
        try catalog.dropped([largest.key])
        statistics = try catalog.statistics()
        #expect(statistics.heldByteCount == size - largest.value.count && statistics.byteCount == size)
        #expect(try catalog.known(largest.key)?.held == false)
        try catalog.held([largest.key])
        #expect(try catalog.statistics().heldByteCount == size)
    }
}
