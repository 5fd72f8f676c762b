import Synchronization

/// Items on their way from one task to another, of which only so many may pile up.
final class Inbox<Item: Sendable>: Sendable {
    private let room: Room
    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    private struct State {
        var items: [Item] = []
        var isFinished = false
    }

    init(countMax: Int) {
        room = Room(count: countMax)
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Waits while too many are there already.
    func put(_ item: Item) async {
        guard !Task.isCancelled, await room.take() else { return }
        state.withLock { $0.items.append(item) }
        arrived.yield()
    }

    /// No more will come.
    func finish() {
        state.withLock { $0.isFinished = true }
        arrived.yield()
    }

    /// Waits for at least one item and takes all; nil when no more will come, or the task was cancelled.
    func takeAll() async -> [Item]? {
        while true {
            let (items, isFinished) = state.withLock { state in
                defer { state.items = [] }
                return (state.items, state.isFinished)
            }
            if !items.isEmpty {
                room.leave(count: items.count)
                return items
            }
            if isFinished { return nil }
            var iterator = arrivals.makeAsyncIterator()
            guard await iterator.next() != nil else { return nil }
        }
    }
}
