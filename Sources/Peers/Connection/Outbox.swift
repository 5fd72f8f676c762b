import NIOCore
import Synchronization

/// What a connection has still to send: for readers first, each lane in order.
///
/// Sealing happens behind it, in one task that nobody's cancellation reaches: a frame begun is a frame sent, else the
/// counters of the two sides would part.
final class Outbox: Sendable {
    enum Item: Sendable {
        case message(WireMessage)
        case keepalive
    }

    /// An item on its way out; who had to wait for room in its lane gives the room back.
    struct Departure: Sendable {
        var item: Item
        var holdsPermit: Bool
        var isLarge = false
        var lane: CallPriority
    }

    /// Messages that callers may have waiting in a lane before the next caller waits.
    static let queuedCountMax = 16
    /// Of longer messages one is in a lane at a time: the other side may take its time.
    static let largeByteCount = 256 << 10
    /// Messages in a lane that did not have to wait for room: aborts, window updates, answers without bytes.
    static let postedCountMax = 4096
    /// Bytes that go to readers before one message in the background goes, too: it is slow then, and not stopped.
    static let readerByteCountMax = 1 << 20

    private struct State {
        var reader = CircularBuffer<Departure>()
        var background = CircularBuffer<Departure>()
        var readerByteCount = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let readerPermits = Permits(queuedCountMax)
    private let backgroundPermits = Permits(queuedCountMax)
    private let readerLargePermit = Permits(1)
    private let backgroundLargePermit = Permits(1)
    private let filled = Pulse()

    private func permits(_ lane: CallPriority) -> Permits { lane == .reader ? readerPermits : backgroundPermits }

    private func largePermit(_ lane: CallPriority) -> Permits {
        lane == .reader ? readerLargePermit : backgroundLargePermit
    }

    /// Waits for room; false if there will be none or the task is cancelled, and then nothing is sent.
    func enqueue(_ message: WireMessage, _ lane: CallPriority) async -> Bool {
        let isLarge = message.byteCount > Self.largeByteCount
        if isLarge { guard await largePermit(lane).acquire() else { return false } }
        let departure = Departure(item: .message(message), holdsPermit: true, isLarge: isLarge, lane: lane)
        guard await permits(lane).acquire() else {
            if isLarge { largePermit(lane).release() }
            return false
        }
        guard append(departure) else {
            release(departure)
            return false
        }
        return true
    }

    /// Does not wait; false if the outbox is closed or absurdly full.
    func post(_ item: Item, _ lane: CallPriority) -> Bool {
        append(Departure(item: item, holdsPermit: false, lane: lane))
    }

    private func append(_ departure: Departure) -> Bool {
        let isAppended = state.withLock { state in
            let count = departure.lane == .reader ? state.reader.count : state.background.count
            guard !state.isClosed, count < Self.postedCountMax else { return false }
            switch departure.lane {
            case .reader: state.reader.append(departure)
            case .background: state.background.append(departure)
            }
            return true
        }
        filled.signal()
        return isAppended
    }

    /// For the one writer: waits for what is to be sent next; nil at the end.
    ///
    /// It is chosen when there is room for it, so that what is urgent waits for what is on the wire, not for what waits.
    func next() async -> Departure? {
        while true {
            let (departure, isClosed) = state.withLock { state in (Self.take(&state), state.isClosed) }
            if isClosed { return nil }
            if let departure { return departure }
            guard await filled.wait() else { return nil }
        }
    }

    private static func take(_ state: inout State) -> Departure? {
        if state.readerByteCount >= readerByteCountMax, let departure = state.background.popFirst() {
            state.readerByteCount = 0
            return departure
        }
        guard let departure = state.reader.popFirst() else {
            state.readerByteCount = 0
            return state.background.popFirst()
        }
        if case .message(let message) = departure.item { state.readerByteCount += message.byteCount }
        return departure
    }

    /// For the writer: it is on its way.
    func release(_ departure: Departure) {
        if departure.isLarge { largePermit(departure.lane).release() }
        if departure.holdsPermit { permits(departure.lane).release() }
    }

    /// Throws away what is queued and takes nothing more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.reader.removeAll()
            state.background.removeAll()
        }
        for permits in [readerPermits, backgroundPermits, readerLargePermit, backgroundLargePermit] { permits.close() }
        filled.signal()
    }
}
