/// A listener that waits for whoever dials it: the greeting, pings, their answers, and the one handover; no I/O.
struct SpareState: Hashable, Sendable {
    private enum Phase {
        case waiting
        case handedOver
        case gone
    }

    /// What has to come before anything else is said.
    private enum Debt {
        /// It is still to be told that it is registered.
        case greeting
        case pong
    }

    private var phase = Phase.waiting
    private var debt: Debt? = .greeting
    private var isClaimed = false

    var isHandedOver: Bool { phase == .handedOver }

    /// Whether the answer to a ping is still to come.
    var owesPong: Bool { debt == .pong }

    /// It was told that it is registered; whether it can be handed over now to who has claimed it.
    mutating func greeted() -> Bool {
        debt = nil
        return settle()
    }

    /// It is time for a ping: whether to send one.
    mutating func pingIsDue() -> Bool {
        guard phase == .waiting, debt == nil else { return false }
        debt = .pong
        return true
    }

    /// Somebody dials it: whether it can be handed over now, or later; nil: it cannot.
    mutating func claim() -> Bool? {
        guard phase == .waiting, !isClaimed else { return nil }
        isClaimed = true
        return debt == nil && settle()
    }

    /// A message before the handover; whether it can be handed over now to who has claimed it.
    mutating func receive(_ message: WireMessage) throws(PeerError) -> Bool {
        guard phase == .waiting, debt == .pong, try RelayCommand(message).command == .pong else {
            throw .violated("expected nothing but pong")
        }
        debt = nil
        return settle()
    }

    mutating func leave() { phase = .gone }

    private mutating func settle() -> Bool {
        guard phase == .waiting, isClaimed else { return false }
        phase = .handedOver
        return true
    }
}
