internal import Objects
internal import Synchronization

/// Those who follow what happens: each gets everything from the moment it joined.
final class Watchers: Sendable {
    private struct State {
        var next = 0
        var tree: [Int: AsyncStream<[TreeChange]>.Continuation] = [:]
        var feed: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    deinit {
        state.withLock { state in
            state.tree.values.forEach { $0.finish() }
            state.feed.values.forEach { $0.finish() }
        }
    }

    func treeChanges() -> AsyncStream<[TreeChange]> {
        let (stream, continuation) = AsyncStream<[TreeChange]>.makeStream()
        let id = add { $0.tree[$1] = continuation }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.tree[id] = nil } }
        return stream
    }

    func feedPulses() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let id = add { $0.feed[$1] = continuation }
        continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.feed[id] = nil } }
        return stream
    }

    func tell(_ changes: Set<TreeChange>) {
        let continuations = state.withLock { Array($0.tree.values) }
        guard !continuations.isEmpty, !changes.isEmpty else { return }
        let changes = Array(changes)
        continuations.forEach { $0.yield(changes) }
    }

    func pulse() {
        state.withLock { Array($0.feed.values) }.forEach { $0.yield() }
    }

    private func add(_ insert: (inout State, Int) -> Void) -> Int {
        state.withLock { state in
            state.next += 1
            insert(&state, state.next)
            return state.next
        }
    }
}
