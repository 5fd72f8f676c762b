import Synchronization

/// What this instance keeps at the moment, for all who act by it.
final class PolicyBoard: Sendable {
    private let policy: Mutex<Policy>
    private let changed = Broadcast<Void>(bufferCount: 1)

    init(_ policy: Policy) { self.policy = Mutex(policy) }

    var current: Policy { policy.withLock { $0 } }

    /// From now on this counts.
    func set(_ policy: Policy) {
        let isOther = self.policy.withLock { current in
            defer { current = policy }
            return current != policy
        }
        if isOther { changed.tell() }
    }

    /// An element when another policy counts; never more than one waiting.
    func changes() -> AsyncStream<Void> { changed.listen() }
}
