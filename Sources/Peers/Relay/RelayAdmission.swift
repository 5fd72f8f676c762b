import Objects

/// What a relay says to a new connection until it knows what that is for (one-protocol 1.7): messages in, steps out,
/// no I/O.
struct RelayAdmission: Sendable {
    enum Step: Hashable, Sendable {
        case reply(WireMessage)
        /// It listens for this key, which it has proven to hold; the message tells it so.
        case listener(key: [UInt8], WireMessage)
        /// It dials this key, and its first message is to be passed on.
        case dialler(target: [UInt8])
    }

    private enum State {
        case awaitingFirst
        case awaitingResponse(claimed: [UInt8], SharedKey, challenge: [UInt8])
        case over
    }

    private var state = State.awaitingFirst
    private let serverKey: BoxKeyPair
    private let pingInterval: Duration
    /// Who may listen here; nil: everybody.
    private let allowed: Set<[UInt8]>?

    /// `serverKey` is new at each start of the relay.
    init(serverKey: BoxKeyPair, pingInterval: Duration, allowed: Set<[UInt8]>?) {
        (self.serverKey, self.pingInterval, self.allowed) = (serverKey, pingInterval, allowed)
    }

    mutating func receive(_ message: WireMessage, random: some RandomSource) throws(PeerError) -> Step {
        let command = try RelayCommand(message)
        switch (state, command.command) {
        case (.awaitingFirst, .register):
            let claimed = try HandshakeCommand.key(command.publicKey)
            guard allowed?.contains(claimed) != false else { throw .refused("this relay is not for this publicKey") }
            let key = try EphemeralKey.sessionKey(claimed, serverKey)
            let challenge = random.bytes(RelayChallenge.byteCount)
            state = .awaitingResponse(claimed: claimed, key, challenge: challenge)
            let sealed = key.seal(challenge, random: random)
            let request = RelayCommand(.authenticationRequest, publicKey: serverKey.publicKey, challenge: sealed)
            return .reply(request.message)
        case (.awaitingFirst, .communicationRequest):
            let target = try HandshakeCommand.key(command.targetPublicKey)
            state = .over
            return .dialler(target: target)
        case (.awaitingResponse(let claimed, let key, let challenge), .authenticationResponse):
            state = .over
            guard try RelayChallenge.isAnswer(command.response, to: challenge, key) else {
                throw .refused("the other side does not have the key it claims")
            }
            let success = RelayCommand(.authenticationSuccess, pingInterval: pingInterval)
            return .listener(key: claimed, success.message)
        default:
            throw .violated("\(command.command.rawValue) was not expected")
        }
    }
}
