import Objects
import Synchronization

/// A clock that a test sets forward; waiting takes its time.
final class MovableTime: Timekeeper {
    private let system = SystemTime()
    private let offset = Mutex(Duration.zero)

    var now: Timestamp {
        let moved = offset.withLock { $0 }
        return Timestamp(nanoseconds: system.now.nanoseconds + moved.components.seconds * 1_000_000_000)
    }

    var elapsed: Duration { system.elapsed }

    func sleep(for duration: Duration) async throws { try await system.sleep(for: duration) }

    func advance(by duration: Duration) { offset.withLock { $0 += duration } }
}
