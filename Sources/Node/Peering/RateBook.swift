import Objects
import Peers
import Synchronization

/// How fast bytes came lately, while any were asked for.
///
/// A file costs more than its bytes: it counts as if it had `fileByteCount` more of them, so that many tiny ones tell
/// something of larger ones, too. Knows no clock: it is told the time since some start. What is older than a few minutes
/// counts less and less.
struct FetchRate: Sendable {
    /// Between what was measured for tiny files on a fast network (thousands a second, 200 MB/s) and on a slow one.
    static let fileByteCount = 16 << 10
    /// Little tells nothing of so many times more.
    private static let reach = 20.0
    /// Time under way after which what was measured before counts half.
    private static let memory = Duration.seconds(60)

    private var byteCount = 0.0
    private var busy = Duration.zero
    private var underwayCount = 0
    private var since = Duration.zero

    mutating func begin(at now: Duration) {
        if underwayCount == 0 { since = now }
        underwayCount += 1
    }

    mutating func end(at now: Duration) {
        advance(to: now)
        underwayCount = max(0, underwayCount - 1)
    }

    mutating func receive(fileCount: Int, byteCount: Int, at now: Duration) {
        advance(to: now)
        self.byteCount += Double(byteCount + fileCount * Self.fileByteCount)
    }

    private mutating func advance(to now: Duration) {
        guard underwayCount > 0 else { return }
        busy += max(.zero, now - since)
        since = now
        guard busy > Self.memory else { return }
        (byteCount, busy) = (byteCount / 2, busy / 2)
    }

    /// Seconds for so much; nil: too little was measured to tell.
    func seconds(forFiles fileCount: Int, byteCount: Int) -> Double? {
        let wanted = Double(byteCount + fileCount * Self.fileByteCount)
        guard self.byteCount * Self.reach >= wanted, self.byteCount > 0, busy > .zero else { return nil }
        return busy / .seconds(1) * (wanted / self.byteCount)
    }
}

/// How fast each instance was found to give objects: small ones, which are asked for together, and large ones.
package final class RateBook: Sendable {
    /// Something to be fetched from one instance.
    struct Work: Hashable, Sendable {
        var smallFileCount = 0
        var smallByteCount = 0
        var largeByteCount = 0

        mutating func add(_ byteCount: Int) {
            if byteCount > Fetcher.memoryByteCountMax { return largeByteCount += byteCount }
            smallFileCount += 1
            smallByteCount += byteCount
        }
    }

    fileprivate enum Way: Hashable, Sendable { case together, large }

    private struct Key: Hashable {
        var holder: String
        var way: Way
    }

    private let time: any Timekeeper
    private let rates = Mutex<[Key: FetchRate]>([:])

    init(time: any Timekeeper) { self.time = time }

    /// Seconds this will take from an instance; nil: nothing was measured that tells.
    func seconds(for work: Work, from holder: String) -> Double? {
        let (small, large) = rates.withLock {
            ($0[Key(holder: holder, way: .together)], $0[Key(holder: holder, way: .large)])
        }
        var seconds = 0.0
        if work.smallFileCount > 0 {
            let (files, bytes) = (work.smallFileCount, work.smallByteCount)
            let known = [small, large].compactMap { $0?.seconds(forFiles: files, byteCount: bytes) }.first
            guard let known else { return nil }
            seconds += known
        }
        if work.largeByteCount > 0 {
            let bytes = work.largeByteCount
            let known = [large, small].compactMap { $0?.seconds(forFiles: 0, byteCount: bytes) }.first
            guard let known else { return nil }
            seconds += known
        }
        return seconds
    }

    fileprivate func change(_ holder: String, _ way: Way, _ body: (inout FetchRate, Duration) -> Void) {
        let now = time.elapsed
        rates.withLock { body(&$0[Key(holder: holder, way: way), default: FetchRate()], now) }
    }

    /// The same holder, measured.
    func metered(_ holder: Holder) -> Holder {
        let name = holder.name
        return Holder(
            name: name,
            key: holder.key,
            ask: { hashes, priority throws(ObjectError) in
                let meter = Meter(self, name, .together)
                return MeteredAnswers(try await holder.ask(hashes, priority), meter)
            },
            open: { hash, priority throws(ObjectError) in
                let meter = Meter(self, name, .large)
                return MeteredPieces(try await holder.open(hash, priority), meter)
            },
            openRange: { hash, range, priority throws(ObjectError) in
                let meter = Meter(self, name, .large)
                return MeteredPieces(try await holder.openRange(hash, range, priority), meter)
            },
            openChunks: holder.openChunks,
            givesRanges: holder.givesRanges
        )
    }
}

/// One request under way, from its beginning to the end of its life.
private final class Meter: Sendable {
    private let book: RateBook
    private let holder: String
    private let way: RateBook.Way

    init(_ book: RateBook, _ holder: String, _ way: RateBook.Way) {
        (self.book, self.holder, self.way) = (book, holder, way)
        book.change(holder, way) { $0.begin(at: $1) }
    }

    deinit { book.change(holder, way) { $0.end(at: $1) } }

    func receive(fileCount: Int, byteCount: Int) {
        book.change(holder, way) { $0.receive(fileCount: fileCount, byteCount: byteCount, at: $1) }
    }
}

private final class MeteredAnswers: AnswerReader {
    private let answers: any AnswerReader
    private let meter: Meter

    init(_ answers: any AnswerReader, _ meter: Meter) { (self.answers, self.meter) = (answers, meter) }

    func next() async throws(ObjectError) -> HolderAnswer? {
        let answer = try await answers.next()
        if case .object(_, let bytes)? = answer { meter.receive(fileCount: 1, byteCount: bytes.count) }
        return answer
    }
}

private final class MeteredPieces: PieceReader {
    private let pieces: any PieceReader
    private let meter: Meter

    init(_ pieces: any PieceReader, _ meter: Meter) { (self.pieces, self.meter) = (pieces, meter) }

    func next() async throws(ObjectError) -> [UInt8]? {
        let piece = try await pieces.next()
        if let piece { meter.receive(fileCount: 0, byteCount: piece.count) }
        return piece
    }
}
