import Objects
import Peers
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// A holder of large objects that counts what it gives, and lies or dies when told to.
final class LargeHolder: Sendable {
    struct State {
        var objects: [ObjectHash: [UInt8]] = [:]
        var lists: [ObjectHash: [UInt8]] = [:]
        var sentByteCount = 0
        var ranges: [Range<Int>] = []
        /// Gives so many bytes more, then fails.
        var byteCountLeft = Int.max
        /// Waits for ever instead.
        var isSilent = false
        /// Changes what goes out.
        var tamper: (@Sendable ([UInt8], Int) -> [UInt8])?
        var isRefusingLists = false
    }

    let name: String
    let state = Mutex(State())

    init(_ name: String) { self.name = name }

    @discardableResult
    func add(_ bytes: [UInt8]) -> KnownObject {
        let object = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
        state.withLock { state in
            state.objects[object.hash] = bytes
            state.lists[object.hash] = Self.list(of: bytes).encoded
        }
        return object
    }

    static func list(of bytes: [UInt8]) -> ChunkList {
        var maker = ChunkListMaker(objectByteCount: bytes.count)
        bytes.withUnsafeBytes { _ = maker.update($0) }
        return maker.list
    }

    var sentByteCount: Int { state.withLock { $0.sentByteCount } }

    var holder: Holder {
        Holder(
            name: name,
            key: .name(name),
            ask: { _, _ throws(ObjectError) in throw .unreachable },
            open: { hash, _ throws(ObjectError) in Pieces(self, hash, 0..<Int.max) },
            openRange: { hash, range, _ throws(ObjectError) in
                self.state.withLock { $0.ranges.append(range) }
                return Pieces(self, hash, range)
            },
            openChunks: { hash, _ throws(ObjectError) in
                let list = self.state.withLock { state in
                    let list = state.isRefusingLists ? nil : state.lists[hash]
                    state.sentByteCount += list?.count ?? 0
                    return list
                }
                guard let list else { throw .unreachable }
                return ListInPieces(list)
            }
        )
    }

    private final class ListInPieces: PieceReader {
        var rest: ArraySlice<UInt8>
        init(_ bytes: [UInt8]) { rest = bytes[...] }
        func next() async throws(ObjectError) -> [UInt8]? {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(100) }
            return Array(rest.prefix(100))
        }
    }

    private final class Pieces: PieceReader {
        let holder: LargeHolder
        let hash: ObjectHash
        var range: Range<Int>

        init(_ holder: LargeHolder, _ hash: ObjectHash, _ range: Range<Int>) {
            (self.holder, self.hash, self.range) = (holder, hash, range)
        }

        func next() async throws(ObjectError) -> [UInt8]? {
            let (bytes, isSilent) = try holder.state.withLock { state throws(ObjectError) -> ([UInt8], Bool) in
                guard let all = state.objects[hash] else { throw .unreachable }
                if state.isSilent { return ([], true) }
                guard state.byteCountLeft > 0 else { throw .unreachable }
                let part = range.clamped(to: all.indices).prefix(min(65_528, state.byteCountLeft))
                let bytes = state.tamper?(Array(all[part]), part.lowerBound) ?? Array(all[part])
                state.byteCountLeft -= part.count
                state.sentByteCount += part.count
                range = range.dropFirst(part.count)
                return (bytes, false)
            }
            if isSilent {
                try? await Task.sleep(for: .seconds(600))
                throw .cancelled
            }
            await Task.yield()
            return bytes.isEmpty ? nil : bytes
        }
    }
}

/// Fetches of large objects, with holders that a test controls.
@Suite(.timeLimit(.minutes(5))) struct LargeFetchTests {
    final class Directory: HolderDirectory {
        struct State {
            var known: [ObjectHash: KnownObject] = [:]
            var holders: [LargeHolder] = []
            var failures: [String: ObjectError] = [:]
            var stored: [KnownObject] = []
            var older: [KnownObject] = []
        }

        let state = Mutex(State())

        func holders(of hash: ObjectHash) -> [Holder] { state.withLock { $0.holders.map(\.holder) } }
        func absence(of hash: ObjectHash) -> ObjectError { .unreachable }
        func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject? { state.withLock { $0.known[hash] } }
        func olderVersions(of hash: ObjectHash) -> [KnownObject] { state.withLock { $0.older } }
        func stored(_ objects: [(object: KnownObject, holder: String)]) {
            state.withLock { $0.stored += objects.map(\.object) }
        }
        func failed(_ hash: ObjectHash, _ error: ObjectError, at holder: String?) {
            state.withLock { $0.failures[holder ?? ""] = error }
        }

        func know(_ object: KnownObject, at holders: LargeHolder...) {
            state.withLock { state in
                state.known[object.hash] = object
                state.holders = holders
            }
        }

        var failures: [String: ObjectError] { state.withLock { $0.failures } }
    }

    let folder = TemporaryDirectory()
    let directory = Directory()
    let archive = LargeHolder("archive")

    func store() throws -> ObjectStore {
        let path = folder.path.appending("root")
        let root = try Root.create(at: path)
        return try ObjectStore(root: root, disk: root.disk(), verdicts: VerdictMemory(), random: SystemRandom())
    }

    /// Runs a fetcher beside a test.
    func with(
        _ store: ObjectStore,
        deadline: Duration = .seconds(30),
        _ body: @Sendable (Fetcher, StoreElsePeers) async throws -> Void
    ) async throws {
        let fetcher = Fetcher(store: store, directory: directory, time: SystemTime(), deadline: deadline)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fetcher.run() }
            try await body(fetcher, StoreElsePeers(store: store, fetcher: fetcher, directory: directory))
            group.cancelAll()
        }
    }

    static let bytes = SeededRandom(seed: 77).bytes(9_000_017)
    static let hash = ObjectHash(of: bytes)

    func isStored(_ store: ObjectStore, _ bytes: [UInt8] = bytes) throws -> Bool {
        try store.localBytes(of: ObjectHash(of: bytes)) == bytes
    }

    @Test func allOfItComesOnceHoweverManyWait() async throws {
        let store = try store()
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store) { fetcher, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { _ = try await fetcher.fetch(Self.hash) } }
                try await group.waitForAll()
            }
        }
        #expect(try isStored(store))
        #expect(archive.sentByteCount == Self.bytes.count)
        #expect(directory.state.withLock { $0.stored } == [KnownObject(hash: Self.hash, bytes: Self.bytes)])
        #expect(store.partials.hashes.isEmpty)
    }

    @Test func theHeadOfAFileBringsItsFirstChunkAndTheListOnly() async throws {
        let store = try store()
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store) { _, reader in
            let file = try #require(try reader.arriving(Self.hash))
            #expect(file.local(0..<4096) == nil)
            #expect(try await file.read(0..<4096) == Array(Self.bytes.prefix(4096)))
            let descriptor = try #require(file.local(0..<4096))
            var read = [UInt8](repeating: 0, count: 4096)
            let count = try read.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
            #expect(count == 4096 && read == Array(Self.bytes.prefix(4096)))
            #expect(throws: Errno.badFileDescriptor) { try descriptor.writeAll([1]) }
        }
        let list = LargeHolder.list(of: Self.bytes)
        #expect(archive.sentByteCount == list.range(of: 0).count + list.encoded.count)
        #expect(store.partials.byteCount(of: Self.hash) == list.range(of: 0).count)
        #expect(try store.localByteCount(of: Self.hash) == nil)
    }

    @Test func readersOfRandomRangesGetTheirsAndEachChunkComesOnce() async throws {
        let store = try store()
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store) { _, reader in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        let random = SeededRandom(seed: UInt64(number))
                        let file = try #require(try reader.arriving(Self.hash))
                        for _ in 0..<20 {
                            let start = Int(random.number(below: UInt64(Self.bytes.count)))
                            let range = start..<start + 1 + Int(random.number(below: 300_000))
                            let isSame =
                                try await file.read(range)
                                == Array(Self.bytes[range.clamped(to: Self.bytes.indices)])
                            guard isSame else { return false }
                        }
                        return true
                    }
                }
                for try await isSame in group { #expect(isSame) }
            }
        }
        #expect(archive.sentByteCount <= Self.bytes.count + LargeHolder.list(of: Self.bytes).encoded.count)
    }

    @Test func readingInOrderFetchesAheadAndEndsWithTheObject() async throws {
        let store = try store()
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store) { _, reader in
            let file = try #require(try reader.arriving(Self.hash))
            for start in stride(from: 0, to: Self.bytes.count, by: 131_072) {
                let range = start..<min(start + 131_072, Self.bytes.count)
                if file.local(range) != nil { continue }
                let isSame = try await file.read(range) == Array(Self.bytes[range])
                #expect(isSame)
            }
            try await eventually("it is an object") { try store.contains(Self.hash) }
        }
        #expect(store.chunkLists.list(of: Self.hash, objectByteCount: Self.bytes.count) != nil)
        #expect(archive.state.withLock { $0.ranges.count } < 40)
    }

    @Test func whatIsHereIsNotFetchedAgainAfterARestart() async throws {
        directory.know(archive.add(Self.bytes), at: archive)
        archive.state.withLock { $0.byteCountLeft = 5_000_000 }
        try await with(store()) { fetcher, _ in
            await #expect(throws: ObjectError.unreachable) { try await fetcher.fetch(Self.hash) }
        }
        archive.state.withLock { $0.byteCountLeft = .max }
        let store = try store()
        #expect(store.partials.byteCount(of: Self.hash) > 4_000_000)
        try await with(store) { fetcher, _ in _ = try await fetcher.fetch(Self.hash) }
        #expect(try isStored(store))
        #expect(archive.sentByteCount < Self.bytes.count + 1_000_000)
    }

    @Test func whatAnEarlierProcessLeftIsHashedBeforeItIsGivenOut() async throws {
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store()) { _, reader in _ = try await reader.read(0..<3_000_000, of: Self.hash) }
        let path = folder.path.appending("root/partial/\(Self.hash.hex)")
        let file = try FileDescriptor.open(path, .writeOnly)
        try file.writeAll(toAbsoluteOffset: 1_500_000, [UInt8](repeating: 0, count: 5000))
        try file.close()
        let before = archive.sentByteCount
        let store = try store()
        try await with(store) { _, reader in
            let isSame =
                try await reader.read(1_000_000..<3_000_000, of: Self.hash) == Array(Self.bytes[1_000_000..<3_000_000])
            #expect(isSame)
            #expect(archive.sentByteCount > before && archive.sentByteCount < before + 1_200_000)
            _ = try await reader.read(0..<Self.bytes.count, of: Self.hash)
        }
        #expect(directory.failures.isEmpty)
    }

    /// Zeros after a power cut in what was fetched without a list: the list finds them.
    @Test func aWholeThatIsWrongIsRepairedByTheList() async throws {
        directory.know(archive.add(Self.bytes), at: archive)
        archive.state.withLock { $0.byteCountLeft = 5_000_000 }
        try await with(store()) { fetcher, _ in _ = try? await fetcher.fetch(Self.hash) }
        let file = try FileDescriptor.open(folder.path.appending("root/partial/\(Self.hash.hex)"), .writeOnly)
        try file.writeAll(toAbsoluteOffset: 1_500_000, [UInt8](repeating: 0, count: 5000))
        try file.close()
        archive.state.withLock { $0.byteCountLeft = .max }
        let store = try store()
        try await with(store) { fetcher, _ in _ = try await fetcher.fetch(Self.hash) }
        #expect(try isStored(store))
        #expect(archive.sentByteCount < Self.bytes.count + 3_000_000)
        #expect(directory.failures["archive"] == .unreachable)
    }

    @Test func whatIsHereCanBeReadWithNobodyInReach() async throws {
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store()) { _, reader in _ = try await reader.read(0..<3_000_000, of: Self.hash) }
        directory.state.withLock { $0.holders = [] }
        try await with(store()) { _, reader in
            let isSame = try await reader.read(100..<2_900_000, of: Self.hash) == Array(Self.bytes[100..<2_900_000])
            #expect(isSame)
            await #expect(throws: ObjectError.unreachable) {
                try await reader.read(8_000_000..<8_000_001, of: Self.hash)
            }
        }
    }

    @Test func oneOfTwoHoldersDiesMidwayAndNobodyNotices() async throws {
        let second = LargeHolder("second")
        second.add(Self.bytes)
        second.state.withLock { $0.byteCountLeft = 1_500_000 }
        directory.know(archive.add(Self.bytes), at: second, archive)
        let store = try store()
        try await with(store) { fetcher, _ in _ = try await fetcher.fetch(Self.hash) }
        #expect(try isStored(store))
        #expect(directory.failures == ["second": .unreachable])
        #expect(archive.sentByteCount + second.sentByteCount < Self.bytes.count + 3_000_000)
    }

    @Test func aSilentHolderGivesItsRangesToAnother() async throws {
        let silent = LargeHolder("silent")
        silent.add(Self.bytes)
        silent.state.withLock { $0.isSilent = true }
        directory.know(archive.add(Self.bytes), at: silent, archive)
        let store = try store()
        try await with(store) { fetcher, _ in _ = try await fetcher.fetch(Self.hash) }
        #expect(try isStored(store))
    }

    @Test func silenceOfAllEndsAtTheDeadline() async throws {
        archive.state.withLock { $0.isSilent = true }
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store(), deadline: .milliseconds(50)) { fetcher, reader in
            await #expect(throws: ObjectError.timedOut) { try await fetcher.fetch(Self.hash) }
            await #expect(throws: ObjectError.timedOut) { try await reader.read(0..<10, of: Self.hash) }
        }
    }

    @Test func aChunkThatIsWrongReachesNobodyAndAnotherHolderIsAsked() async throws {
        let liar = LargeHolder("liar")
        liar.add(Self.bytes)
        liar.state.withLock { $0.tamper = { bytes, offset in offset > 2_000_000 ? bytes.map { $0 ^ 1 } : bytes } }
        directory.know(archive.add(Self.bytes), at: liar, archive)
        let store = try store()
        try await with(store) { _, reader in
            let isSame = try await reader.read(0..<Self.bytes.count, of: Self.hash) == Self.bytes
            #expect(isSame)
        }
        #expect(directory.failures == ["liar": .damaged(by: "liar")])
    }

    @Test(arguments: [false, true]) func onlyWrongBytesIsDamaged(_ isWhole: Bool) async throws {
        archive.state.withLock { $0.tamper = { bytes, _ in bytes.map { $0 ^ 1 } } }
        directory.know(archive.add(Self.bytes), at: archive)
        let store = try store()
        try await with(store) { fetcher, reader in
            await #expect(throws: ObjectError.damaged(by: "archive")) {
                if isWhole {
                    _ = try await fetcher.fetch(Self.hash)
                } else {
                    _ = try await reader.read(0..<9, of: Self.hash)
                }
            }
        }
        #expect(try store.localByteCount(of: Self.hash) == nil)
        #expect(directory.failures == ["archive": .damaged(by: "archive")])
    }

    /// A list and chunks that fit each other and not the object.
    @Test func aListThatLiesShowsWhenTheWholeIsHashedAndIsSetAside() async throws {
        let liar = LargeHolder("liar")
        var other = Self.bytes
        other[4_000_000] ^= 1
        liar.state.withLock { state in
            state.objects[Self.hash] = other
            state.lists[Self.hash] = LargeHolder.list(of: other).encoded
        }
        directory.know(archive.add(Self.bytes), at: liar)
        let store = try store()
        try await with(store) { fetcher, reader in
            _ = try await reader.read(0..<10, of: Self.hash)
            // Whoever reads to the end is told before the end.
            await #expect(throws: ObjectError.damaged(by: "liar")) {
                for start in stride(from: 0, to: Self.bytes.count, by: 1 << 20) {
                    _ = try await reader.read(start..<start + 1 << 20, of: Self.hash)
                }
            }
            #expect(try store.quarantinedFiles().map(\.hash) == [Self.hash])
            directory.know(KnownObject(hash: Self.hash, bytes: Self.bytes), at: liar, archive)
            _ = try await fetcher.fetch(Self.hash)
        }
        #expect(try isStored(store))
        #expect(directory.failures["liar"] == .damaged(by: "liar"))
        #expect(directory.failures["archive"] == nil)
    }

    @Test func aListOfAnotherSizeIsNotBelievedAndTheHashDecides() async throws {
        var known = archive.add(Self.bytes)
        known.byteCount += 5
        directory.know(known, at: archive)
        let store = try store()
        try await with(store) { _, reader in
            await #expect(throws: Fetcher.wrongSize) { try await reader.read(0..<10, of: Self.hash) }
            let head = try await reader.read(0..<10, of: Self.hash)
            #expect(head == Array(Self.bytes.prefix(10)))
        }
        #expect(directory.state.withLock { $0.stored.map(\.byteCount) } == [Self.bytes.count])
    }

    @Test func aHolderThatKeepsNoListsStillGivesTheWhole() async throws {
        archive.state.withLock { $0.isRefusingLists = true }
        directory.know(archive.add(Self.bytes), at: archive)
        let store = try store()
        try await with(store) { fetcher, _ in _ = try await fetcher.fetch(Self.hash) }
        #expect(try isStored(store))
    }

    @Test func anEditedFileTransfersItsDifference() async throws {
        let store = try store()
        let old = try store.put(Self.bytes)
        let new =
            Self.bytes[..<5_000_000] + Array("an edit".utf8) + Self.bytes[5_000_000...]
            + SeededRandom(seed: 5).bytes(100_000)
        directory.know(archive.add(Array(new)), at: archive)
        directory.state.withLock { $0.older = [old] }
        try await with(store) { fetcher, _ in _ = try await fetcher.fetch(ObjectHash(of: Array(new))) }
        #expect(try isStored(store, Array(new)))
        #expect(archive.sentByteCount < 1_500_000)
    }

    @Test func theLastWhoGivesUpEndsTheTransfer() async throws {
        archive.state.withLock { $0.isSilent = true }
        directory.know(archive.add(Self.bytes), at: archive)
        let store = try store()
        try await with(store) { fetcher, reader in
            let guest = Task { () async throws in _ = try await fetcher.fetch(Self.hash) }
            let other = Task { () async throws in _ = try await reader.read(0..<10, of: Self.hash) }
            try await eventually("it is asked") { archive.state.withLock { !$0.ranges.isEmpty } }
            guest.cancel()
            other.cancel()
            await #expect(throws: ObjectError.cancelled) { try await guest.value }
            await #expect(throws: ObjectError.cancelled) { try await other.value }
            archive.state.withLock { $0.isSilent = false }
            _ = try await fetcher.fetch(Self.hash)
        }
        #expect(try isStored(store))
    }

    @Test func aFullDiskKeepsNothingFromReaders() async throws {
        let disk = MemoryDisk()
        try Root.lay(out: disk)
        let store = try ObjectStore(
            root: Root(unchecked: "/memory"),
            disk: disk,
            verdicts: VerdictMemory(),
            random: SeededRandom(seed: 1)
        )
        _ = try store.partials.open(Self.hash, byteCount: Self.bytes.count)
        disk.limit(byteCount: 0)
        directory.know(archive.add(Self.bytes), at: archive)
        try await with(store) { fetcher, reader in
            let isSame =
                try await reader.read(1_000_000..<2_000_000, of: Self.hash) == Array(Self.bytes[1_000_000..<2_000_000])
            #expect(isSame)
        }
    }

    @Test(arguments: [1_048_577, 1_100_000, 2_000_000]) func smallOnesAboveTheLimitComeToo(_ count: Int) async throws {
        for bytes in [SeededRandom(seed: 1).bytes(count), [UInt8](repeating: 0, count: count)] {
            let store = try store()
            directory.know(archive.add(bytes), at: archive)
            try await with(store) { fetcher, reader in
                let tail = try await reader.read(count - 5..<count + 5, of: ObjectHash(of: bytes))
                #expect(tail == Array(bytes.suffix(5)))
                _ = try await fetcher.fetch(ObjectHash(of: bytes))
            }
            #expect(try isStored(store, bytes))
        }
    }
}
