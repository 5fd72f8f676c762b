import Glibc

/// Time, as a parameter: everything that waits or stamps asks one of these, so that a simulation can run it.
package protocol Timekeeper: Sendable {
    /// The wall clock; may jump. For display, stamps and expiry only.
    var now: Timestamp { get }
    /// Time since some start; never jumps. For deadlines and intervals.
    var elapsed: Duration { get }
    /// Waits; throws `CancellationError` when the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The clock of the operating system.
package struct SystemTime: Timekeeper {
    private let start = ContinuousClock.now

    package init() {}

    package var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package var elapsed: Duration { ContinuousClock.now - start }

    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }
}
