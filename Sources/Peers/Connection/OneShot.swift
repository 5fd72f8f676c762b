import Synchronization

/// A value that comes at most once and that any number of tasks may wait for.
package final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case pending([UInt64: CheckedContinuation<Value?, Never>])
        case done(Value)
    }

    package init() {}

    private let state = Mutex<(state: State, nextWaiter: UInt64)>((.pending([:]), 0))

    /// Gives the value; the first one counts.
    ///
    /// Returns whether this was it.
    @discardableResult
    package func fulfil(_ value: Value) -> Bool {
        let waiters: [CheckedContinuation<Value?, Never>]? = state.withLock { state in
            guard case .pending(let waiters) = state.state else { return nil }
            state.state = .done(value)
            return Array(waiters.values)
        }
        for waiter in waiters ?? [] { waiter.resume(returning: value) }
        return waiters != nil
    }

    /// The value, if it has come.
    package var current: Value? {
        state.withLock { state in
            if case .done(let value) = state.state { value } else { nil }
        }
    }

    /// Waits for the value; nil if the waiting task is cancelled first.
    package func value() async -> Value? {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: Value?? = state.withLock { state in
                    switch state.state {
                    case .done(let value): return .some(value)
                    case .pending where Task.isCancelled: return .some(nil)
                    case .pending(var waiters):
                        waiters[waiter] = continuation
                        state.state = .pending(waiters)
                        return nil
                    }
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Value?, Never>? in
                guard case .pending(var waiters) = state.state else { return nil }
                defer { state.state = .pending(waiters) }
                return waiters.removeValue(forKey: waiter)
            }
            continuation?.resume(returning: nil)
        }
    }
}
