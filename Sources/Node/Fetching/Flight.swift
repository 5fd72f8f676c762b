import Objects
import Peers
import Synchronization

/// One fetch that any number of readers wait for.
///
/// It lands once, with verified bytes or an error, and ends once, when the bytes are durable or cannot be kept. A reader
/// that gives up leaves the others waiting; when the last one has left before it landed, the fetch is cancelled.
final class Flight: Sendable {
    enum Landing: Sendable {
        case stored
        /// Verified, and not on this disk: not yet, or there is no room to keep it.
        case bytes([UInt8])
    }

    /// What is waited for.
    enum Stage: Sendable {
        /// Bytes to read, from memory or disk.
        case landed
        /// Bytes that are durable, or will never be.
        case kept
    }

    typealias Outcome = Result<Landing, ObjectError>

    let hash: ObjectHash
    private let state: Mutex<State>

    private struct State {
        var priority: CallPriority
        var waiters: [Int: (stage: Stage, continuation: CheckedContinuation<Outcome, Never>)] = [:]
        var nextWaiter = 0
        var waiting = 0
        var landing: Outcome?
        var end: Outcome?
        var abandon: (@Sendable () -> Void)?
        var route = Route()
        var meter: FetchMeter?

        func outcome(_ stage: Stage) -> Outcome? { stage == .landed ? landing ?? end : end }
        var isOver: Bool { landing != nil || end != nil }
    }

    /// Where it goes: the holders that are left to try, and what was heard so far.
    struct Route: Sendable {
        var known: KnownObject?
        var holders: ArraySlice<Holder> = []
        /// Of several reasons the one a reader should hear.
        var worst = ObjectError.unreachable
        /// The holder in whose line it stands; nil: a request for it is under way, or none was made.
        var waitingAt: Holder?
    }

    init(hash: ObjectHash, priority: CallPriority) {
        self.hash = hash
        state = Mutex(State(priority: priority))
    }

    var route: Route {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }

    /// Counts what comes of it; before anybody is asked.
    func measure(by meter: FetchMeter) { state.withLock { $0.meter = meter } }

    var priority: CallPriority { state.withLock { $0.priority } }

    /// Nobody needs it from a holder any more.
    var isOver: Bool { state.withLock { $0.isOver } }
    /// Somebody waits for it to be durable.
    var isKeepingAwaited: Bool { state.withLock { $0.waiters.values.contains { $0.stage == .kept } } }
    /// The bytes, between their arrival and their barrier.
    var bytesInMemory: [UInt8]? {
        state.withLock { if $0.end == nil, case .success(.bytes(let bytes))? = $0.landing { bytes } else { nil } }
    }
    /// Everybody who waited has left.
    var isAbandoned: Bool { state.withLock { if case .failure(.cancelled)? = $0.end { true } else { false } } }

    /// Takes a place; false if the flight has been abandoned already, so that a new one is needed.
    func board() -> Bool {
        state.withLock { state in
            if case .failure(.cancelled)? = state.end { return false }
            state.waiting += 1
            return true
        }
    }

    /// Somebody waits who did not before; the holder in whose line the flight has to move up.
    func hurry() -> Holder? {
        state.withLock { state in
            guard state.priority == .background else { return nil }
            state.priority = .reader
            return state.isOver ? nil : state.route.waitingAt
        }
    }

    /// Takes the flight out of its line for a request; false if it is in another one, or over.
    func leaveLine() -> Bool {
        state.withLock { state in
            guard !state.isOver, state.route.waitingAt != nil else { return false }
            state.route.waitingAt = nil
            return true
        }
    }

    /// Waits for a stage.
    ///
    /// Call once for each successful `board`.
    func landing(_ stage: Stage) async throws(ObjectError) -> Landing {
        // No ticket and no continuation for what is there already.
        if let outcome = state.withLock({ $0.outcome(stage) }) { return try outcome.get() }
        let ticket = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in wait(ticket, stage, continuation) }
        } onCancel: {
            leave(ticket)
        }
        return try outcome.get()
    }

    private func wait(_ ticket: Int, _ stage: Stage, _ continuation: CheckedContinuation<Outcome, Never>) {
        let ready: Outcome? = state.withLock { state in
            if let outcome = state.outcome(stage) { return outcome }
            if Task.isCancelled { return .failure(.cancelled) }
            state.waiters[ticket] = (stage, continuation)
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
        waiter.continuation.resume(returning: .failure(.cancelled))
    }

    private func departed() {
        let abandon = state.withLock { state -> (@Sendable () -> Void)? in
            state.waiting -= 1
            guard state.waiting <= 0, !state.isOver else { return nil }
            state.end = .failure(.cancelled)
            state.meter.take()?.end(.cancelled)
            return state.abandon
        }
        abandon?()
    }

    /// Sets what to do when nobody waits any more; done at once if that is so already.
    func whenAbandoned(_ action: @escaping @Sendable () -> Void) {
        let already = state.withLock { state in
            state.abandon = action
            if case .failure(.cancelled)? = state.end { return true }
            return false
        }
        if already { action() }
    }

    /// The bytes are here, verified, or nobody has them; whoever wants to read them goes on.
    ///
    /// False if it was over before.
    @discardableResult
    func land(_ outcome: Outcome) -> Bool {
        settle { state in
            guard !state.isOver else { return false }
            state.landing = outcome
            state.meter.take()?.end(outcome)
            return true
        }
    }

    /// Ends the flight; only the first end counts.
    func end(_ outcome: Outcome) {
        settle { state in
            guard state.end == nil else { return false }
            state.end = outcome
            state.meter.take()?.end(outcome)
            return true
        }
    }

    @discardableResult
    private func settle(_ change: (inout State) -> Bool) -> Bool {
        let (isChanged, ready) = state.withLock { state in
            guard change(&state) else { return (false, [(CheckedContinuation<Outcome, Never>, Outcome)]()) }
            var ready: [(CheckedContinuation<Outcome, Never>, Outcome)] = []
            for (ticket, waiter) in state.waiters {
                guard let outcome = state.outcome(waiter.stage) else { continue }
                ready.append((waiter.continuation, outcome))
                state.waiters[ticket] = nil
            }
            return (true, ready)
        }
        for (continuation, outcome) in ready { continuation.resume(returning: outcome) }
        return isChanged
    }
}
