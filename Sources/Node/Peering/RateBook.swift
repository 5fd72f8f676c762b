import Objects
import Peers
import Synchronization

/// How fast bytes came lately, while any were asked for.
///
/// Knows no clock: it is told the time since some start. What is older than a few minutes counts less and less.
struct FetchRate: Sendable {
    /// Time under way after which what was measured before counts half.
    private static let memory = Duration.seconds(60)

    private var fileCount = 0.0
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
        self.fileCount += Double(fileCount)
        self.byteCount += Double(byteCount)
    }

    private mutating func advance(to now: Duration) {
        guard underwayCount > 0 else { return }
        busy += max(.zero, now - since)
        since = now
        guard busy > Self.memory else { return }
        (fileCount, byteCount, busy) = (fileCount / 2, byteCount / 2, busy / 2)
    }

    /// Seconds for a byte; nil: nothing was measured.
    var secondsPerByte: Double? { byteCount > 0 && busy > .zero ? busy / .seconds(1) / byteCount : nil }
    var secondsPerFile: Double? { fileCount > 0 && busy > .zero ? busy / .seconds(1) / fileCount : nil }
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

    /// Seconds this will take from an instance; nil: nothing like it was measured.
    func seconds(for work: Work, from holder: String) -> Double? {
        let (small, large) = rates.withLock {
            ($0[Key(holder: holder, way: .together)], $0[Key(holder: holder, way: .large)])
        }
        var seconds = 0.0
        if work.smallFileCount > 0 {
            let byFiles = small?.secondsPerFile.map { $0 * Double(work.smallFileCount) }
            let byBytes = (small?.secondsPerByte ?? large?.secondsPerByte).map { $0 * Double(work.smallByteCount) }
            guard let longer = [byFiles, byBytes].compactMap(\.self).max() else { return nil }
            seconds += longer
        }
        if work.largeByteCount > 0 {
            guard let rate = large?.secondsPerByte ?? small?.secondsPerByte else { return nil }
            seconds += rate * Double(work.largeByteCount)
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
            openChunks: holder.openChunks
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
