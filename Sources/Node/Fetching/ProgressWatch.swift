import Objects
import Synchronization

/// When something last moved.
final class ProgressWatch: Sendable {
    private let time: any Timekeeper
    private let state: Mutex<(last: Duration, isHeld: Bool)>

    init(time: any Timekeeper) {
        self.time = time
        state = Mutex((time.elapsed, false))
    }

    /// It moved.
    func advance() {
        let now = time.elapsed
        state.withLock { $0 = (now, false) }
    }

    /// That it does not move is not its fault, until `advance`.
    func hold() { state.withLock { $0.isHeld = true } }

    /// How long nothing has moved.
    var idle: Duration {
        let (last, isHeld) = state.withLock { $0 }
        return isHeld ? .zero : time.elapsed - last
    }

    /// Waits until nothing has moved for this long; false if the task was cancelled first.
    func stalls(for limit: Duration) async -> Bool {
        while true {
            let rest = limit - idle
            guard rest > .zero else { return true }
            do { try await time.sleep(for: rest) } catch { return false }
        }
    }
}
