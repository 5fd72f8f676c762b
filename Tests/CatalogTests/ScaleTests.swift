import Foundation
import GRDB
import Objects
import Synchronization
import SystemPackage
import Testing

@testable import Catalog

/// What must not grow with what is known: counted in statements and rows, not in time.
@Suite struct ScaleTests {
    let world: World
    let catalog: Catalog

    init() throws {
        world = try World()
        catalog = try world.catalog()
        let bea = try world.person("Bea", email: "bea@world.test")
        try world.topic("a", name: "Anna")
        for index in 0..<20 { try world.say("a", "\(index)", at: noon(Double(index) * 40_000), by: bea) }
        try world.postRoot(world.folder([("/x", world.file([1])), ("/y", world.file([2]))]), at: noon())
        try world.commit(to: catalog)
    }

    /// The statements that run while `body` does.
    private func statements(_ catalog: Catalog, _ body: () throws -> Void) throws -> [String] {
        let heard = Mutex<[String]>([])
        catalog.database.writeWithoutTransaction { database in
            database.trace { event in
                if case .statement(let statement) = event { heard.withLock { $0.append(statement.sql) } }
            }
        }
        try body()
        catalog.database.writeWithoutTransaction { $0.trace(nil) }
        return heard.withLock { $0 }
    }

    @Test func noQueryOfTheTreeLooksAtEverything() throws {
        let day = try #require(try dayEntry())
        let object = try #require(world.known.first)
        let heard = try statements(catalog) {
            _ = try catalog.entry(day.number)
            _ = try catalog.entry(named: day.name, in: day.parent)
            _ = try? catalog.entry(named: "nothing", in: day.parent)
            _ = try catalog.entries(in: day.parent, after: nil, limit: 2)
            _ = try catalog.entries(in: day.parent, after: day.number, limit: 2)
            _ = try catalog.document(day.number)
            _ = try catalog.originalName(of: day.number)
            _ = try catalog.known(object)
            _ = try catalog.objects(prefix: object[0], after: nil, limit: 2)
            _ = try catalog.objects(prefix: object[0], after: object, limit: 2)
            _ = try catalog.objects(type: "ChatMessage", after: object, limit: 2)
            _ = try catalog.holders(of: object)
            _ = try catalog.changes(after: 3, limit: 2)
            _ = try catalog.missing(heldBy: "other", after: object, limit: 2)
            _ = catalog.verdict(of: object)
        }
        try catalog.database.read { database in
            for sql in Set(heard) where sql.hasPrefix("SELECT") {
                let count = sql.count { $0 == "?" }
                let rows = try Row.fetchAll(
                    database,
                    sql: "EXPLAIN QUERY PLAN " + sql,
                    arguments: StatementArguments(Array(repeating: 0, count: count))
                )
                let plan = rows.map { $0["detail"] as String }
                #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN i") }, "\(sql): \(plan)")
            }
        }
    }

    private func dayEntry() throws -> Entry? {
        let folder = try catalog.entry(named: "Anna", in: FixedEntry.conversations)
        let month = try catalog.entry(named: "2026-11", in: folder.number)
        return try catalog.entries(in: month.number, after: nil, limit: 1).first
    }

    @Test func aBatchMeasuresADayOnce() throws {
        for index in 0..<50 { try world.say("a", "more \(index)", at: noon(Double(index))) }
        let heard = try statements(catalog) { try world.commit(to: catalog) }
        #expect(heard.count { $0.contains("INTO day (") } == 1)
        #expect(heard.count { $0.contains("UPDATE thread SET (messages") } == 1)
    }

    @Test func contentsAreNotReadAgain() throws {
        let counting = CountingObjects(world)
        let owner = world.me
        let catalog = try Catalog(
            path: nil,
            objects: counting,
            owner: owner.id,
            rootKeys: [owner.keys.publicKey],
            book: world.book
        )
        try world.say("a", "new", at: noon(900_000))
        let changes = world.changes
        var contents: [ObjectHash: [UInt8]] = [:]
        for case .object(let object, _) in changes { contents[object.hash] = try world.localBytes(of: object.hash) }
        try catalog.record(changes, contents: contents)
        #expect(counting.asked.isDisjoint(with: contents.keys))
    }

    @Test func anInterruptedRebuildGoesOn() throws {
        let scratch = try Scratch()
        func open() throws -> Catalog {
            try Catalog(
                path: scratch.path,
                objects: world,
                owner: world.me.id,
                rootKeys: [world.me.keys.publicKey],
                book: world.book
            )
        }
        let all = world.known.sorted()
        struct Interruption: Error {}
        func feed(_ rebuild: Rebuild, upTo end: Int) throws -> Int {
            var count = 0
            for hash in all[..<end] where hash[0] >= rebuild.firstPrefix {
                guard let bytes = try world.localBytes(of: hash) else { continue }
                try rebuild.add(KnownObject(hash: hash, bytes: bytes))
                count += 1
            }
            for (id, node) in world.heads { rebuild.add(head: node, of: id) }
            return count
        }
        #expect(throws: Interruption.self) {
            try open().rebuild(batchCount: 8) { rebuild in
                _ = try feed(rebuild, upTo: all.count / 2)
                throw Interruption()
            }
        }
        let again = try open()
        #expect(again.wasReset)
        var fedCount = 0
        try again.rebuild(batchCount: 8) { fedCount = try feed($0, upTo: all.count) }
        #expect(fedCount < all.count)
        #expect(try dump(again) == dump(catalog))
        #expect(try again.statistics() == catalog.statistics())
        let reopened = try open()
        #expect(!reopened.wasReset)
    }
}

/// A world's objects, counting what is asked of them.
private final class CountingObjects: LocalObjects {
    private let world: World
    private let state = Mutex<Set<ObjectHash>>([])

    init(_ world: World) { self.world = world }

    var asked: Set<ObjectHash> { state.withLock { $0 } }

    func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? {
        state.withLock { _ = $0.insert(hash) }
        return try world.localBytes(of: hash)
    }

    func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int? { try world.localByteCount(of: hash) }
}
