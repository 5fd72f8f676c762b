import Synchronization

/// How many connections to a relay there may be: a fixed count of spares, and a limited one of strangers.
final class Places: Sendable {
    private struct State {
        /// Those that wait for a dial, and those that are to.
        var spares = 0
        var strangers = 0
        var standing = RelayListener.Standing()
    }

    private let state = Mutex(State())
    private let changed = Pulse()
    private let onStanding: @Sendable (RelayListener.Standing) -> Void

    init(_ onStanding: @escaping @Sendable (RelayListener.Standing) -> Void) { self.onStanding = onStanding }

    /// Takes the place of a spare; false: there is none.
    func take() -> Bool {
        state.withLock { state in
            guard state.spares < RelayListener.sparesMax, state.strangers < RelayListener.strangersMax else {
                return false
            }
            state.spares += 1
            return true
        }
    }

    /// Waits until there may be a place; false when cancelled.
    func wait() async -> Bool { await changed.wait() }

    fileprivate func change(spares: Int = 0, strangers: Int = 0, _ standing: (inout RelayListener.Standing) -> Void) {
        let (old, new) = state.withLock { state in
            let old = state.standing
            state.spares += spares
            state.strangers += strangers
            standing(&state.standing)
            return (old, state.standing)
        }
        if old != new { onStanding(new) }
        if spares < 0 || strangers < 0 { changed.signal() }
    }
}

/// The place of one connection to a relay.
final class Place: Sendable {
    private enum Phase {
        case opening
        case registered
        case stranger
        case settled
        case left
    }

    private let places: Places
    private let phase = Mutex(Phase.opening)

    /// Takes over a place that was taken.
    init(_ places: Places) { self.places = places }

    /// Whether nobody was handed over yet.
    var isSpare: Bool { phase.withLock { $0 == .opening || $0 == .registered } }

    /// It waits for a dial.
    func registered() {
        phase.withLock { $0 = .registered }
        places.change { standing in
            standing.spareCount += 1
            standing.lastError = nil
        }
    }

    /// Somebody dials: there is room for another spare.
    func use() {
        phase.withLock { $0 = .stranger }
        places.change(spares: -1, strangers: 1) { $0.spareCount -= 1 }
    }

    /// Who dials is known.
    @Sendable func settle() {
        guard
            phase.withLock({ phase in
                defer { phase = phase == .stranger ? .settled : phase }
                return phase == .stranger
            })
        else { return }
        places.change(strangers: -1) { _ in }
    }

    /// The spare is lost; its place stays taken for now.
    func failed(_ reason: String) {
        let wasRegistered = phase.withLock { phase in
            defer { phase = .opening }
            return phase == .registered
        }
        places.change { standing in
            if wasRegistered { standing.spareCount -= 1 }
            standing.lastError = reason
        }
    }

    /// Gives the place back.
    func leave() {
        let last = phase.withLock { phase in
            defer { phase = .left }
            return phase
        }
        switch last {
        case .opening: places.change(spares: -1) { _ in }
        case .registered: places.change(spares: -1) { $0.spareCount -= 1 }
        case .stranger: places.change(strangers: -1) { _ in }
        case .settled, .left: break
        }
    }
}
