import Objects
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Catalog

/// What goes first of what is here, as the catalog keeps it.
@Suite struct UsageTests {
    /// A clock that a test sets.
    final class Clock: Timekeeper {
        private let seconds = Mutex<Int64>(1_000_000)

        var now: Timestamp { Timestamp(nanoseconds: seconds.withLock { $0 } * 1_000_000_000) }
        var elapsed: Duration { .seconds(seconds.withLock { $0 }) }
        func sleep(for duration: Duration) async throws {}
        func pass(_ count: Int64) { seconds.withLock { $0 += count } }
    }

    let clock = Clock()
    let folder = TemporaryDirectory()

    func open() throws -> Catalog {
        try Catalog(
            path: folder.path.appending("catalog.sqlite"),
            objects: MemoryObjects([:]),
            owner: nil,
            book: .standard,
            usageTime: clock
        )
    }

    static func hash(_ number: Int) -> ObjectHash { ObjectHash(of: Array("object \(number)".utf8)) }

    /// Objects of a block each come.
    func come(_ numbers: some Sequence<Int>, to catalog: Catalog) throws {
        try catalog.record(
            numbers.map {
                .object(KnownObject(hash: Self.hash($0), kind: .blob, type: nil, byteCount: 4096), held: true)
            }
        )
    }

    func use(_ numbers: some Sequence<Int>, in catalog: Catalog) throws {
        clock.pass(60)
        try catalog.noteUses(numbers.map { (Self.hash($0), clock.now) })
    }

    /// Drops the next so many, and says which.
    @discardableResult
    func drop(_ count: Int, of catalog: Catalog) throws -> [ObjectHash] {
        var search = ReplacementSearch()
        let victims = try catalog.victims(byteCount: count * 4096, limit: count, &search)
        try catalog.dropped(victims.map(\.hash))
        return victims.map(\.hash)
    }

    @Test func aScanLeavesWhatIsUsed() throws {
        let catalog = try open()
        try come(0..<200, to: catalog)
        let working = 0..<100
        for _ in 0..<3 { try use(working, in: catalog) }
        // Fifty times as much is read once, with room for 200 objects.
        for number in 1_000..<6_000 {
            try come([number], to: catalog)
            if number % 7 == 0 { try catalog.noteUses([(Self.hash(number), clock.now)]) }
            try drop(1, of: catalog)
        }
        let left = try working.count { try catalog.known(Self.hash($0))?.held == true }
        #expect(left == working.count)
        #expect(try catalog.statistics().heldCount == 200)
    }

    @Test func aRehearsalNamesWhatWouldGoAndTurnsNothing() throws {
        let catalog = try open()
        try come(0..<60, to: catalog)
        for turn in 1..<4 { try use((0..<60).filter { $0 % 4 < turn }, in: catalog) }
        let first = try catalog.rehearsedVictims(byteCount: 50 * 4096, limit: 50).map(\.hash)
        #expect(first.count == 50)
        for _ in 0..<5 { #expect(try catalog.rehearsedVictims(byteCount: 50 * 4096, limit: 50).map(\.hash) == first) }
        #expect(try catalog.rehearsedVictims(byteCount: .max, limit: 100).count == 60)
        #expect(try drop(50, of: catalog) == first)
    }

    @Test func whatComesBackIsTakenForUsed() throws {
        let catalog = try open()
        try come(0..<20, to: catalog)
        try drop(20, of: catalog)
        try come([3], to: catalog)
        try come(20..<40, to: catalog)
        #expect(try drop(19, of: catalog).contains(Self.hash(3)) == false)
        // Unless somebody who reads everything had it brought.
        let again = try open()
        let start = clock.now
        try come([5], to: again)
        try again.noteScanned([Self.hash(5)], since: start)
        try come(40..<60, to: again)
        var gone: [ObjectHash] = []
        for _ in 0..<30 { gone += try drop(1, of: again) }
        #expect(gone.contains(Self.hash(5)))
    }

    @Test(arguments: [false, true]) func orderOutlivesARestart(_ isRestarted: Bool) throws {
        var catalog = try open()
        try come(0..<50, to: catalog)
        for number in stride(from: 0, to: 50, by: 3) { try use([number], in: catalog) }
        for _ in 0..<2 { try use(stride(from: 0, to: 50, by: 6), in: catalog) }
        if isRestarted { catalog = try open() }
        let gone = try drop(41, of: catalog)
        // Those used more than once are left; the others go in the order in which they came, which in a batch is by hash.
        #expect(gone == (0..<50).filter { $0 % 6 != 0 }.map(Self.hash).sorted())
    }

    @Test func afterARebuildFilesTellTheOrder() throws {
        let catalog = try open()
        let objects = (0..<10).map { KnownObject(hash: Self.hash($0), kind: .blob, type: nil, byteCount: 4096) }
            .sorted { $0.hash < $1.hash }
        try catalog.rebuild { rebuild in for object in objects { try rebuild.add(object) } }
        var order: [ObjectHash] = []
        while let hashes = try catalog.unenrolled(limit: 3) {
            let times = hashes.map { ($0, Timestamp(nanoseconds: Int64($0.bytes[1]) * 1_000_000_000)) }
            try catalog.enrol(hashes, used: Dictionary(uniqueKeysWithValues: times))
            order += hashes
        }
        #expect(order == objects.map(\.hash))
        try come([10], to: catalog)
        var search = ReplacementSearch()
        let victims = try catalog.victims(byteCount: .max, limit: 100, &search).map(\.hash)
        #expect(victims.filter { $0 != Self.hash(10) } == order.sorted { ($0.bytes[1], $0) < ($1.bytes[1], $1) })
        let early = try catalog.victims(unusedSince: Timestamp(nanoseconds: 100_000_000_000), after: nil, limit: 100)
        #expect(Set(early.map(\.hash)) == Set(order.filter { $0.bytes[1] < 100 }))
    }

    @Test func whatMayNotGoIsNotNamedTimeAndAgain() throws {
        let catalog = try open()
        try come(0..<10, to: catalog)
        try catalog.keep((0..<8).map(Self.hash))
        #expect(Set(try drop(10, of: catalog)) == [Self.hash(8), Self.hash(9)])
        #expect(try catalog.victims(unusedSince: Timestamp(nanoseconds: .max), after: nil, limit: 100).isEmpty)
        try catalog.reconsiderKept(limit: 3)
        #expect(try drop(10, of: catalog) == (0..<3).map(Self.hash))
    }

    @Test func whatIsShownNoLongerIsSuperseded() throws {
        let world = try World()
        let catalog = try Catalog(
            path: nil,
            objects: world,
            owner: world.me.id,
            rootKeys: [world.me.keys.publicKey],
            book: world.book,
            usageTime: clock
        )
        let old = Array("old words".utf8)
        try world.postRoot(world.folder([("/a.txt", world.file(old)), ("/b.txt", world.file([1]))]), at: noon())
        let ada = try world.person("Ada", email: "ada@world.test")
        try world.commit(to: catalog)
        func superseded(withHistory: Bool = false) throws -> Set<ObjectHash> {
            Set(try catalog.superseded(withHistory: withHistory, after: nil, limit: 1000).map(\.hash))
        }
        #expect(try !superseded().contains(ObjectHash(of: old)))
        let heads = Set(world.heads.values)
        try world.postRoot(world.folder([("/a.txt", world.file([2])), ("/b.txt", world.file([1]))]), at: noon(1))
        try world.name(ada, "Ada Lovelace", time: 2000)
        try world.commit(to: catalog)
        #expect(try superseded().contains(ObjectHash(of: old)))
        #expect(try !superseded().contains(ObjectHash(of: [1])))
        // Histories, if asked; never what is current.
        let gone = heads.subtracting(world.heads.values)
        #expect(!gone.isEmpty)
        #expect(try superseded().isDisjoint(with: gone) && superseded(withHistory: true).isSuperset(of: gone))
        #expect(try superseded(withHistory: true).isDisjoint(with: world.heads.values))
        // What is shown again is not.
        try world.postRoot(world.folder([("/c.txt", world.file(old))]), at: noon(2))
        try world.commit(to: catalog)
        #expect(try !superseded().contains(ObjectHash(of: old)))
    }
}
