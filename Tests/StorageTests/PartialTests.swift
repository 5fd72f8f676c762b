import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

/// Objects of which only parts are here, and lists of chunks, on a disk that loses power and lies about what it has.
@Suite("Partial") struct PartialTests {
    static let bytes = SeededRandom(seed: 3).bytes(300_000)
    static let hash = ObjectHash(of: bytes)

    func part(_ range: Range<Int>) -> [UInt8] { Array(Self.bytes[range]) }

    @Test func partsSurviveARestartAndBecomeTheObject() throws {
        let fixture = try MemoryFixture(MemoryDisk())
        do {
            let file = try fixture.store().partials.open(Self.hash, byteCount: Self.bytes.count)
            try file.write(part(100_000..<200_000), at: 100_000)
            file.saveMap(RangeSet(100_000..<200_000))
        }
        let store = try fixture.store(seed: 2)
        #expect(store.partials.byteCount(of: Self.hash) == 100_000)
        #expect(store.partials.hashes == [Self.hash])
        let file = try store.partials.open(Self.hash, byteCount: Self.bytes.count)
        #expect(file.map() == RangeSet(100_000..<200_000))
        #expect(try file.read(150_000..<150_010) == part(150_000..<150_010))
        try file.write(part(0..<100_000), at: 0)
        try file.write(part(200_000..<300_000), at: 200_000)
        #expect(try store.localByteCount(of: Self.hash) == nil)
        let known = try store.complete(file)
        #expect(known == KnownObject(hash: Self.hash, bytes: Self.bytes))
        let isSame = try store.localBytes(of: Self.hash) == Self.bytes
        #expect(isSame)
        #expect(store.partials.byteCount(of: Self.hash) == 0)
        #expect(try fixture.disk.list("partial").isEmpty)
        #expect(try fixture.disk.status(at: DiskPath(shardedIn: "objects", Self.hash))?.permissions == 0o444)
    }

    @Test func oneFileHoweverOftenItIsOpenedAndAnotherSizeBeginsAnew() throws {
        let store = try MemoryFixture(MemoryDisk()).store()
        var file: PartialFile? = try store.partials.open(Self.hash, byteCount: 1000)
        #expect(try store.partials.open(Self.hash, byteCount: 1000) === file)
        try file?.write([1], at: 0)
        file = nil
        #expect(
            try store.partials.open(Self.hash, byteCount: 2000).read(0..<2000) == [UInt8](repeating: 0, count: 2000)
        )
    }

    @Test func whatBelongsToNothingIsTakenAway() throws {
        let disk = MemoryDisk()
        let fixture = try MemoryFixture(disk)
        for name in ["nonsense", Self.hash.hex + ".map", ObjectHash(of: [1]).hex] {
            let file = try OpenFile(DiskPath("partial/" + name), .create(permissions: 0o600), on: disk)
            try file.append([1, 2, 3])
        }
        _ = try fixture.store()
        #expect(try disk.list("partial").isEmpty)
    }

    @Test(arguments: [
        "", "iom partial 1 299999\n0 1\n", "iom partial 1 300000\n5 3\n", "iom partial 1 300000\n0 300001\n",
        "iom partial 1 300000\n10 20\n15 30\n", "iom partial 1 300000\n0 10", "iom partial 1 300000\n-1 10\n",
    ])
    func aMapThatCannotBeSaysNothing(_ text: String) throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        let file = try store.partials.open(Self.hash, byteCount: Self.bytes.count)
        file.saveMap(RangeSet(0..<1))
        disk.tamper(DiskPath("partial/\(Self.hash.hex).map")) { $0 = Array(text.utf8) }
        #expect(file.map().isEmpty)
    }

    @Test func wrongPartsAreSetAsideWithTheReason() throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        let file = try store.partials.open(Self.hash, byteCount: 10)
        try file.write([1, 2, 3], at: 0)
        store.partials.quarantine(Self.hash, reason: "it is another one")
        #expect(try disk.list("partial").isEmpty)
        let found = try store.quarantinedFiles()
        #expect(found.map(\.hash) == [Self.hash] && found.map(\.reason) == ["it is another one"])
    }

    /// Whenever the power goes: what is an object has its bytes, and hints decode or are not there.
    @Test(arguments: 0..<40) func aPowerCutNeverMakesAnObjectOfWrongBytes(_ seed: UInt64) throws {
        let disk = MemoryDisk()
        let fixture = try MemoryFixture(disk)
        let random = SeededRandom(seed: seed)
        disk.cutPower(at: disk.operationCount + 4 + Int(random.number(below: 40)))
        var isAcknowledged = false
        do {
            let store = try fixture.store()
            let file = try store.partials.open(Self.hash, byteCount: Self.bytes.count)
            for start in [100_000, 0, 200_000] {
                try file.write(part(start..<start + 100_000), at: start)
                file.saveMap(RangeSet(start..<start + 100_000))
            }
            _ = try store.complete(file)
            isAcknowledged = true
        } catch {}
        disk.restart(seed % 4 == 0 ? .names : .some(seed: seed))
        let store = try fixture.store(seed: 2)
        let local = try store.localBytes(of: Self.hash)
        #expect(local == nil ? !isAcknowledged : local == Self.bytes)
        guard local == nil else { return }
        let file = try store.partials.open(Self.hash, byteCount: Self.bytes.count)
        #expect(try file.read(0..<Self.bytes.count).count == Self.bytes.count)
        _ = file.map()
    }

    @Test func aListIsKeptForItsObjectOnlyAndADamagedOneIsNotThere() throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        var maker = ChunkListMaker(objectByteCount: Self.bytes.count)
        Self.bytes.withUnsafeBytes { _ = maker.update($0) }
        let list = maker.list
        #expect(store.chunkLists.list(of: Self.hash, objectByteCount: Self.bytes.count) == nil)
        store.chunkLists.keep(list, of: Self.hash)
        #expect(store.chunkLists.list(of: Self.hash, objectByteCount: Self.bytes.count) == list)
        #expect(store.chunkLists.list(of: Self.hash, objectByteCount: Self.bytes.count + 1) == nil)
        #expect(store.chunkLists.list(of: ObjectHash(of: [1]), objectByteCount: Self.bytes.count) == nil)
        disk.tamper(DiskPath(shardedIn: "chunks", Self.hash)) { $0[20] ^= 1 }
        #expect(store.chunkLists.list(of: Self.hash, objectByteCount: Self.bytes.count) == nil)
        store.chunkLists.keep(list, of: Self.hash)
        try store.remove(Self.hash)
        #expect(!store.chunkLists.has(Self.hash))
    }

    @Test func aFullDiskIsToldAndKeepsWhatIsThere() throws {
        let disk = MemoryDisk()
        let store = try MemoryFixture(disk).store()
        let file = try store.partials.open(Self.hash, byteCount: Self.bytes.count)
        try file.write(part(0..<10), at: 0)
        disk.limit(byteCount: 0)
        #expect(throws: ObjectError.noSpace) {
            _ = try store.partials.open(ObjectHash(of: [9]), byteCount: 10).write([1], at: 20)
        }
        #expect(try file.read(0..<10) == part(0..<10))
    }
}
