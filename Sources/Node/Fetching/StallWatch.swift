import Objects
import Synchronization

/// Tells of requests in which nothing has moved for too long.
///
/// One alarm serves all of them, and goes on while there are any: setting one for each costs more than a small request.
final class StallWatch: Sendable {
    private struct Watched: Sendable {
        var progress: ProgressWatch
        var stalled: @Sendable () -> Void
    }

    private struct State {
        var watched: [ObjectIdentifier: Watched] = [:]
        var isRunning = false
    }

    private let time: any Timekeeper
    private let limit: Duration
    private let state = Mutex(State())
    private let begun: AsyncStream<Void>
    private let begin: AsyncStream<Void>.Continuation

    init(time: any Timekeeper, limit: Duration) {
        (self.time, self.limit) = (time, limit)
        (begun, begin) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Calls `stalled` once if this does not move for as long as the limit, unless it is let go before.
    func watch(_ progress: ProgressWatch, stalled: @escaping @Sendable () -> Void) {
        let isFirst = state.withLock { state in
            state.watched[ObjectIdentifier(progress)] = Watched(progress: progress, stalled: stalled)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isFirst { begin.yield() }
    }

    func letGo(_ progress: ProgressWatch) { state.withLock { $0.watched[ObjectIdentifier(progress)] = nil } }

    /// Watches until cancelled.
    func run() async {
        for await _ in begun {
            while let pause = check() {
                do { try await time.sleep(for: pause) } catch { return }
            }
        }
    }

    /// Tells of those that stall; how long none of the others can, nil if there are none.
    private func check() -> Duration? {
        while true {
            let watched = state.withLock { state in
                state.isRunning = !state.watched.isEmpty
                return Array(state.watched.values)
            }
            guard !watched.isEmpty else { return nil }
            var pause: Duration?
            for one in watched {
                let left = limit - one.progress.idle
                if left > .zero {
                    pause = min(pause ?? left, left)
                } else {
                    letGo(one.progress)
                    one.stalled()
                }
            }
            if let pause { return pause }
        }
    }
}
