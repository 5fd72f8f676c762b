import Objects
import Synchronization

/// One fetch that any number of readers wait for.
///
/// Ends once, with bytes on disk, bytes in memory (when the disk has no room), or an error; a reader that gives up
/// leaves the others waiting, and when the last one has left the fetch is cancelled.
final class Flight: Sendable {
    enum Landing: Sendable {
        case stored
        /// Verified, but there is no room to keep it.
        case bytes([UInt8])
    }

    let hash: ObjectHash
    private let state: Mutex<State>

    private struct State {
        var waiters: [Int: CheckedContinuation<Result<Landing, ObjectError>, Never>] = [:]
        var nextWaiter = 0
        var waiting = 0
        var outcome: Result<Landing, ObjectError>?
        var abandon: (@Sendable () -> Void)?
    }

    init(hash: ObjectHash) {
        self.hash = hash
        state = Mutex(State())
    }

    /// Takes a place; false if the flight has been abandoned already, so that a new one is needed.
    func board() -> Bool {
        state.withLock { state in
            if case .failure(.cancelled)? = state.outcome { return false }
            state.waiting += 1
            return true
        }
    }

    /// Waits for the end.
    ///
    /// Call once for each successful `board`.
    func landing() async throws(ObjectError) -> Landing {
        let ticket = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(ticket, continuation) }
        } onCancel: {
            leave(ticket)
        }
        return try outcome.get()
    }

    private func wait(_ ticket: Int, _ continuation: CheckedContinuation<Result<Landing, ObjectError>, Never>) {
        let ready: Result<Landing, ObjectError>? = state.withLock { state in
            if let outcome = state.outcome { return outcome }
            if Task.isCancelled { return .failure(.cancelled) }
            state.waiters[ticket] = continuation
            return nil
        }
        guard let ready else { return }
        if case .failure(.cancelled) = ready { departed() }
        continuation.resume(returning: ready)
    }

    private func leave(_ ticket: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
        guard let waiter else { return }
        departed()
        waiter.resume(returning: .failure(.cancelled))
    }

    private func departed() {
        let abandon = state.withLock { state -> (@Sendable () -> Void)? in
            state.waiting -= 1
            guard state.waiting <= 0, state.outcome == nil else { return nil }
            state.outcome = .failure(.cancelled)
            return state.abandon
        }
        abandon?()
    }

    /// Sets what to do when nobody waits any more; done at once if that is so already.
    func whenAbandoned(_ action: @escaping @Sendable () -> Void) {
        let already = state.withLock { state in
            state.abandon = action
            if case .failure(.cancelled)? = state.outcome { return true }
            return false
        }
        if already { action() }
    }

    /// Ends the flight; only the first end counts.
    func end(_ outcome: Result<Landing, ObjectError>) {
        let waiters = state.withLock { state in
            guard state.outcome == nil else { return [CheckedContinuation<Result<Landing, ObjectError>, Never>]() }
            state.outcome = outcome
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: outcome) }
    }
}
