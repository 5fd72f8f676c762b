import Objects
import Synchronization

/// A listener's connection at a relay: waits for a dial, then is one end of a pipe.
final class SpareConnection: Sendable {
    let transport: any Transport
    private let time: any Timekeeper
    private let state = Mutex<(spare: SpareState, dialler: (any Transport)?)>((SpareState(), nil))
    /// Whether it can be handed over to who has claimed it.
    private let isReady = OneShot<Bool>()
    private let lastMessage: Mutex<Duration>

    init(_ transport: any Transport, _ time: any Timekeeper) {
        (self.transport, self.time) = (transport, time)
        lastMessage = Mutex(time.elapsed)
    }

    /// Whose messages these are, once somebody was handed over.
    var dialler: (any Transport)? { state.withLock { $0.spare.isHandedOver ? $0.dialler : nil } }

    /// It knows that it is registered.
    func greeted() {
        if state.withLock({ $0.spare.greeted() }) { isReady.fulfil(true) }
    }

    /// Hands a dialler over, after the answer to a ping that is out; false: this one is not there any more.
    func handOver(_ dialler: any Transport) async -> Bool {
        let canBeNow = state.withLock { state in
            let canBeNow = state.spare.claim()
            if canBeNow != nil { state.dialler = dialler }
            return canBeNow
        }
        switch canBeNow {
        case nil: return false
        case true?: break
        case false?: guard await isReady.value() == true else { return false }
        }
        note()
        return (try? await transport.send(RelayCommand(.handover).message)) != nil
    }

    /// A message that came before the handover.
    func receive(_ message: WireMessage) throws(PeerError) {
        let isReadyNow = try state.withLock { state throws(PeerError) in try state.spare.receive(message) }
        if isReadyNow { isReady.fulfil(true) }
    }

    func leave() {
        state.withLock { $0.spare.leave() }
        isReady.fulfil(false)
    }

    /// A message goes through, one way or the other.
    func note() { lastMessage.withLock { $0 = time.elapsed } }

    /// Returns when nothing has gone through for so long; throws when cancelled.
    func idle(for limit: Duration) async throws {
        while case let idle = time.elapsed - lastMessage.withLock({ $0 }), idle < limit {
            try await time.sleep(for: limit - idle)
        }
    }

    /// Sends pings until the handover; closes the connection if one is not answered in time.
    func ping(_ limits: RelayLimits) async throws {
        while true {
            try await time.sleep(for: limits.pingInterval)
            guard state.withLock({ $0.spare.pingIsDue() }) else { return }
            try await transport.send(RelayCommand(.ping).message)
            try await time.sleep(for: limits.pongTime)
            guard !state.withLock({ $0.spare.owesPong }) else {
                transport.close(CloseReason.sent("no pong came in time"))
                return
            }
        }
    }
}
