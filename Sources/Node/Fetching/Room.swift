import Synchronization

/// A number of bytes and a number of things that may be somewhere at once; who finds no room waits in line.
final class Room: Sendable {
    private struct State {
        var byteCount: Int
        var count: Int
        var isClosed = false
        var nextTicket = 0
        var line: [(ticket: Int, byteCount: Int, continuation: CheckedContinuation<Bool, Never>)] = []

        /// Larger things than there is room for at all go in when nothing else is there.
        func fits(_ wanted: Int, of whole: Int) -> Bool { count > 0 && byteCount >= min(wanted, whole) }
    }

    private let whole: Int
    private let state: Mutex<State>

    /// Without `byteCount` only things are counted.
    init(byteCount: Int = 0, count: Int) {
        whole = byteCount
        state = Mutex(State(byteCount: byteCount, count: count))
    }

    /// Waits for room for one thing; false if the task was cancelled or the room closed instead.
    func take(_ byteCount: Int = 0) async -> Bool {
        let now: Bool? = state.withLock { Self.admit(byteCount, whole, &$0) }
        if let now { return now }
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if let now = Self.admit(byteCount, whole, &state) { return now }
                    state.line.append((ticket, byteCount, continuation))
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.line.firstIndex { $0.ticket == ticket }.map { state.line.remove(at: $0) }
            }
            waiter?.continuation.resume(returning: false)
        }
    }

    private static func admit(_ byteCount: Int, _ whole: Int, _ state: inout State) -> Bool? {
        if state.isClosed { return false }
        guard state.line.isEmpty, state.fits(byteCount, of: whole) else { return nil }
        state.byteCount -= byteCount
        state.count -= 1
        return true
    }

    /// Gives room back.
    func leave(byteCount: Int = 0, count: Int = 1) {
        let admitted = state.withLock { state in
            state.byteCount += byteCount
            state.count += count
            var admitted: [CheckedContinuation<Bool, Never>] = []
            while let first = state.line.first, state.fits(first.byteCount, of: whole) {
                state.byteCount -= first.byteCount
                state.count -= 1
                admitted.append(state.line.removeFirst().continuation)
            }
            return admitted
        }
        for continuation in admitted { continuation.resume(returning: true) }
    }

    /// Lets nobody in any more.
    func close() {
        let line = state.withLock { state in
            state.isClosed = true
            defer { state.line = [] }
            return state.line
        }
        for waiter in line { waiter.continuation.resume(returning: false) }
    }
}
