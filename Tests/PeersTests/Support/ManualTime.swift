import Objects
import Synchronization

/// A clock that stands still until a test moves it.
final class ManualTime: Timekeeper {
    private struct Sleeper {
        var number: Int
        var due: Duration
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var elapsed = Duration.zero
        var sleepers: [Sleeper] = []
        var nextNumber = 0
        var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var now: Timestamp { Timestamp(nanoseconds: 0) }
    var elapsed: Duration { state.withLock { $0.elapsed } }

    func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        let isDue = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
                let ready = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
                    if Task.isCancelled { return nil }
                    state.sleepers.append(
                        Sleeper(number: number, due: state.elapsed + duration, continuation: continuation))
                    return Self.takeArrivals(&state)
                }
                guard let ready else { return continuation.resume(returning: false) }
                for waiter in ready { waiter.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.number == number }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !isDue { throw CancellationError() }
    }

    private static func takeArrivals(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        let count = state.sleepers.count
        let ready = state.arrivals.filter { $0.count <= count }
        state.arrivals.removeAll { $0.count <= count }
        return ready.map(\.continuation)
    }

    /// Waits until so many sleep.
    func sleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.arrivals.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.elapsed += duration
            let due = state.sleepers.filter { $0.due <= state.elapsed }
            state.sleepers.removeAll { $0.due <= state.elapsed }
            return due
        }
        for sleeper in due { sleeper.continuation.resume(returning: true) }
    }
}
