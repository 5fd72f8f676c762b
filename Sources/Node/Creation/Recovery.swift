import Synchronization

/// What is left to be found after the process before was killed.
final class Recovery: Sendable {
    private struct State {
        var isNeeded: Bool
        var rest: Reconciliation?
    }

    private let state: Mutex<State>

    init(isNeeded: Bool) { state = Mutex(State(isNeeded: isNeeded)) }

    /// Whether there may be something that is not known yet.
    var isNeeded: Bool { state.withLock { $0.isNeeded } }

    /// There may be something that is not known.
    func expect() { state.withLock { $0.isNeeded = true } }

    func leave(_ rest: Reconciliation) { state.withLock { $0.rest = rest } }

    /// The rest, for the one who does it.
    func take() -> Reconciliation? {
        state.withLock { state in
            defer { state.rest = nil }
            return state.rest
        }
    }

    func finish() { state.withLock { $0.isNeeded = false } }
}
