package import Objects

/// What a listening client says to a relay until somebody is handed over to it (one-protocol 1.7): messages in, steps
/// out, no I/O.
package struct RelayRegistration: Sendable {
    package enum Step: Hashable, Sendable {
        case reply(WireMessage)
        /// The relay counts on this connection from now on.
        case registered
        /// What comes next is from a peer that dials; nothing is said to the relay any more.
        case handedOver
    }

    private enum State {
        case start
        case awaitingChallenge
        case awaitingSuccess
        case waiting
        case over
    }

    /// How much later than promised a ping may come.
    static let pingDelayMax = Duration.seconds(4)
    static let pingIntervalMax = Duration.seconds(600)

    private var state = State.start
    private let identity: BoxKeyPair

    /// After this time without a message the relay is taken for gone.
    package private(set) var silenceMax = Peering.handshakeTimeMax

    /// `identity` is the instance key by which others dial.
    package init(identity: BoxKeyPair) { self.identity = identity }

    package mutating func start() -> WireMessage {
        state = .awaitingChallenge
        return RelayCommand(.register, publicKey: identity.publicKey).message
    }

    package mutating func receive(_ message: WireMessage, random: some RandomSource) throws(PeerError) -> Step {
        let command = try RelayCommand(message)
        switch (state, command.command) {
        case (.awaitingChallenge, .authenticationRequest):
            let serverKey = try HandshakeCommand.key(command.publicKey)
            let key = try EphemeralKey.sessionKey(serverKey, identity)
            let response = try RelayChallenge.answer(to: command.challenge, key, random: random)
            state = .awaitingSuccess
            return .reply(RelayCommand(.authenticationResponse, response: response).message)
        case (.awaitingSuccess, .authenticationSuccess):
            guard let milliseconds = command.pingInterval, milliseconds > 0,
                milliseconds <= Self.pingIntervalMax / .milliseconds(1)
            else { throw .violated("no usable interval of pings") }
            silenceMax = .milliseconds(milliseconds) + Self.pingDelayMax
            state = .waiting
            return .registered
        case (.waiting, .ping):
            return .reply(RelayCommand(.pong).message)
        case (.waiting, .handover):
            state = .over
            return .handedOver
        default:
            throw .violated("\(command.command.rawValue) was not expected")
        }
    }
}
