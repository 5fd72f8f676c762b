import Synchronization

/// What a connection has still to send, in order. Sealing happens behind it, in one task that nobody's cancellation
/// reaches: a frame begun is a frame sent, else the counters of the two sides would part.
final class Outbox: Sendable {
    enum Item: Sendable {
        case message(Message)
        case keepalive
    }

    /// Messages that callers may have waiting here before the next caller waits.
    static let queuedCountMax = 16
    /// Messages that did not have to wait for room: aborts, window updates, answers without bytes.
    static let postedCountMax = 4096

    private struct State {
        var items: [(item: Item, holdsPermit: Bool)] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let permits = Permits(queuedCountMax)
    private let filled = Pulse()

    /// Waits for room; false if there will be none or the task is cancelled, and then nothing is sent.
    func enqueue(_ message: Message) async -> Bool {
        guard await permits.acquire() else { return false }
        guard append(.message(message), holdsPermit: true) else {
            permits.release()
            return false
        }
        return true
    }

    /// Does not wait; false if the outbox is closed or absurdly full.
    func post(_ item: Item) -> Bool { append(item, holdsPermit: false) }

    private func append(_ item: Item, holdsPermit: Bool) -> Bool {
        let isAppended = state.withLock { state in
            guard !state.isClosed, state.items.count < Self.postedCountMax else { return false }
            state.items.append((item, holdsPermit))
            return true
        }
        filled.signal()
        return isAppended
    }

    /// For the one writer: waits for what is to be sent; nil at the end.
    func next() async -> [(item: Item, holdsPermit: Bool)]? {
        while true {
            let (items, isClosed) = state.withLock { state in
                defer { state.items = [] }
                return (state.items, state.isClosed)
            }
            if isClosed { return nil }
            if !items.isEmpty { return items }
            guard await filled.wait() else { return nil }
        }
    }

    /// For the writer: an item that held a permit is on its way.
    func release() { permits.release() }

    /// Throws away what is queued and takes nothing more.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.items = []
        }
        permits.close()
        filled.signal()
    }
}
