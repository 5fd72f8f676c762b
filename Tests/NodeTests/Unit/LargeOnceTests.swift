import Objects
import Peers
import Storage
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// What is on its way is not thrown away to be asked for again.
@Suite(.timeLimit(.minutes(2))) struct LargeOnceTests {
    private let folder = TemporaryDirectory()
    private let time = CountingTime()
    private static let bytes = SeededRandom(seed: 91).bytes(16_000_003)
    private static let list = LargeHolder.list(of: bytes)
    private static let known = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)

    private func store() throws -> ObjectStore {
        let root = try Root.create(at: folder.path.appending("root"))
        return try ObjectStore(root: root, disk: root.disk(), verdicts: VerdictMemory(), random: SystemRandom())
    }

    private func with(
        _ holder: HaltingHolder,
        _ body: @Sendable (LargeFetcher, ObjectStore) async throws -> Void
    ) async throws {
        let store = try store()
        let places = HaltingDirectory(holder: holder)
        let fetcher = LargeFetcher(
            store: store,
            directory: places,
            time: time,
            deadline: .seconds(30),
            nil,
            FetchCounters()
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await fetcher.run() }
            try await body(fetcher, store)
            fetcher.end()
            group.cancelAll()
        }
    }

    @Test func `A reader that seeks keeps what was on its way for it`() async throws {
        // In the middle of a chunk that is fetched ahead and that nobody waits for.
        let chunk = try #require(Self.list.index(at: 3_000_000))
        let halt = Self.list.range(of: chunk).lowerBound + 20_000
        let holder = HaltingHolder(Self.known, Self.bytes, halt: halt)
        try await with(holder) { fetcher, _ in
            let file = fetcher.reader(of: Self.known)
            for start in stride(from: 0, to: 2 << 20, by: 128 << 10) {
                _ = try await file.read(start..<start + 128 << 10)
            }
            try await eventually("it is on its way") { holder.isHalting }
            // What is read again is here: now nothing is expected of this reader.
            #expect(file.local(0..<4096) != nil)
            let tickCount = time.tickCount
            try await eventually("it was looked at whether anybody wants anything") {
                time.tickCount > tickCount + 2 || holder.cancelledCount > 0
            }
            #expect(holder.cancelledCount == 0)
            holder.goOn()
            for start in stride(from: 0, to: Self.bytes.count, by: 1 << 20) {
                let range = (start..<start + 1 << 20).clamped(to: Self.bytes.indices)
                #expect(try await file.read(range) == Array(Self.bytes[range]))
            }
        }
        #expect(holder.askedTwice.isEmpty)
        #expect(holder.sentByteCount == Self.bytes.count)
    }

    @Test func `When the last has closed it the rest is not sent`() async throws {
        let holder = HaltingHolder(Self.known, Self.bytes, halt: 20_000)
        try await with(holder) { fetcher, _ in
            do {
                let file = fetcher.reader(of: Self.known)
                let reading = Task { try await file.read(0..<10) }
                try await eventually("it is on its way") { holder.isHalting }
                reading.cancel()
                await #expect(throws: ObjectError.cancelled) { try await reading.value }
            }
            try await eventually("it is given up") { holder.cancelledCount == 1 }
        }
    }

    /// It came between the look at the disk and the first read.
    @Test func `What is in the store by now is not asked for`() async throws {
        let holder = HaltingHolder(Self.known, Self.bytes, halt: .max)
        try await with(holder) { fetcher, store in
            let file = fetcher.reader(of: Self.known)
            _ = try store.put(Self.bytes)
            #expect(try await file.read(0..<10) == Array(Self.bytes.prefix(10)))
            try await fetcher.fetch(Self.known, .reader)
        }
        #expect(holder.sentByteCount == 0 && holder.listCount == 0)
        #expect(try store().partials.hashes.isEmpty)
    }
}

/// A holder that stops in the middle of a range until it may go on.
private final class HaltingHolder: Sendable {
    private struct State {
        var asked: [Range<Int>] = []
        var sentByteCount = 0
        var listCount = 0
        var cancelledCount = 0
        var isHalting = false
    }

    private static let pieceByteCount = 16 << 10

    private let known: KnownObject
    private let bytes: [UInt8]
    private let halt: Int
    private let state = Mutex(State())
    private let stream: AsyncStream<Void>
    private let permit: AsyncStream<Void>.Continuation

    init(_ known: KnownObject, _ bytes: [UInt8], halt: Int) {
        (self.known, self.bytes, self.halt) = (known, bytes, halt)
        (stream, permit) = AsyncStream.makeStream()
    }

    var sentByteCount: Int { state.withLock { $0.sentByteCount } }
    var listCount: Int { state.withLock { $0.listCount } }
    var cancelledCount: Int { state.withLock { $0.cancelledCount } }
    var isHalting: Bool { state.withLock { $0.isHalting } }
    /// What more than one range has in common.
    var askedTwice: RangeSet<Int> {
        state.withLock { state in
            var (once, twice) = (RangeSet<Int>(), RangeSet<Int>())
            for range in state.asked {
                twice.formUnion(once.intersection(RangeSet(range)))
                once.insert(contentsOf: range)
            }
            return twice
        }
    }

    func goOn() { permit.finish() }

    var holder: Holder {
        Holder(
            name: "archive",
            key: .name("archive"),
            ask: { _, _ throws(ObjectError) in throw .unreachable },
            open: { _, _ throws(ObjectError) in throw .unreachable },
            openRange: { _, range, _ throws(ObjectError) in
                self.state.withLock { $0.asked.append(range) }
                return Pieces(self, range)
            },
            openChunks: { _, _ throws(ObjectError) in
                self.state.withLock { $0.listCount += 1 }
                return Encoded(LargeHolder.list(of: self.bytes).encoded)
            }
        )
    }

    private func piece(at offset: Int, in range: Range<Int>) async throws(ObjectError) -> [UInt8] {
        let end = min(offset + Self.pieceByteCount, range.upperBound)
        if (offset..<end).contains(halt) {
            state.withLock { $0.isHalting = true }
            for await _ in stream {}
            state.withLock { $0.isHalting = false }
        }
        guard !Task.isCancelled else {
            state.withLock { $0.cancelledCount += 1 }
            throw .cancelled
        }
        state.withLock { $0.sentByteCount += end - offset }
        return Array(bytes[offset..<end])
    }

    private final class Pieces: PieceReader {
        private let holder: HaltingHolder
        private let range: Range<Int>
        private var offset: Int

        init(_ holder: HaltingHolder, _ range: Range<Int>) {
            (self.holder, self.range, offset) = (holder, range, range.lowerBound)
        }

        func next() async throws(ObjectError) -> [UInt8]? {
            guard offset < range.upperBound else { return nil }
            let piece = try await holder.piece(at: offset, in: range)
            offset += piece.count
            return piece
        }
    }

    private final class Encoded: PieceReader {
        private var bytes: [UInt8]?
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        func next() async throws(ObjectError) -> [UInt8]? { bytes.take() }
    }
}

/// Counts pauses that have begun.
private final class CountingTime: Timekeeper {
    private let system = SystemTime()
    private let ticks = Mutex(0)

    var tickCount: Int { ticks.withLock { $0 } }
    var now: Timestamp { system.now }
    var elapsed: Duration { system.elapsed }

    func sleep(for duration: Duration) async throws {
        ticks.withLock { $0 += 1 }
        try await system.sleep(for: duration)
    }
}

/// Knows one holder.
private struct HaltingDirectory: HolderDirectory {
    let holder: HaltingHolder

    func holders(of hash: ObjectHash) -> [Holder] { [holder.holder] }
    func absence(of hash: ObjectHash) -> ObjectError { .unreachable }
    func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject? { nil }
    func stored(_ objects: [(object: KnownObject, holder: String)]) {}
    func failed(_ hash: ObjectHash, _ error: ObjectError, at holder: String?) {}
}
