import Objects
import Synchronization

/// When something last moved.
final class ProgressWatch: Sendable {
    private let time: any Timekeeper
    private let last: Mutex<Duration>

    init(time: any Timekeeper) {
        self.time = time
        last = Mutex(time.elapsed)
    }

    /// It moved.
    func advance() {
        let now = time.elapsed
        last.withLock { $0 = now }
    }

    /// Waits until nothing has moved for this long; false if the task was cancelled first.
    func stalls(for limit: Duration) async -> Bool {
        while true {
            let rest = last.withLock { $0 } + limit - time.elapsed
            guard rest > .zero else { return true }
            do { try await time.sleep(for: rest) } catch { return false }
        }
    }
}
