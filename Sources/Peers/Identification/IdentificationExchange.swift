package import Objects

/// Identification of both persons and instances (one-protocol 2.4, 2.5): messages in, messages out, no I/O.
///
/// Stricter than the reference: the owner of the instance is the person that was proven, and a person's sign key is the
/// one that came with the encryption key before.
package struct IdentificationExchange {
    private enum State {
        case awaitingPerson
        case awaitingKeys(Claim)
        /// For the initiator: the other side's challenge.
        case awaitingChallenge(Claim, SharedKey)
        case awaitingAnswer(Claim, SharedKey, challenge: [UInt8])
        /// For the acceptor, after the initiator has proven itself.
        case awaitingOtherChallenge(Claim, SharedKey)
        case awaitingInstance(Claim)
        case over
    }

    /// What the other side has said so far.
    private struct Claim {
        var email: String
        var personID: IDHash
        var key: [UInt8] = []
        var signKey: [UInt8] = []
    }

    /// What to do after a message.
    package struct Step: Sendable {
        package var messages: [WireMessage] = []
        /// The other side, when it is known; then the exchange is over.
        package var peer: ProvenPeer?
    }

    private var state: State = .awaitingPerson
    private let own: OwnPerson
    private let isInitiator: Bool
    private let remoteKey: [UInt8]
    private let acquaintances: any Acquaintances

    package init(own: OwnPerson, isInitiator: Bool, remoteKey: [UInt8], acquaintances: any Acquaintances) {
        (self.own, self.isInitiator, self.remoteKey) = (own, isInitiator, remoteKey)
        self.acquaintances = acquaintances
    }

    /// Throws if no contact is known to use the other side's instance key.
    package func requireKnownInstance() throws(PeerError) {
        guard try !knownEndpoints().isEmpty else { throw .refused("this instance is not known here: pair first") }
    }

    package func start() -> [WireMessage] { [IdentificationMessage.person(own)] }

    package mutating func receive(_ message: WireMessage, random: some RandomSource) throws(PeerError) -> Step {
        switch state {
        case .awaitingPerson:
            let email = try IdentificationMessage.email(message)
            state = .awaitingKeys(Claim(email: email, personID: try IdentityHashes.person(email: email)))
            return Step(messages: [IdentificationMessage.keys(own)])
        case .awaitingKeys(let claim):
            return try receiveKeys(message, of: claim, random)
        case .awaitingChallenge(let claim, let shared):
            let answer = try Challenge.answer(message, shared, random)
            let (challenge, own) = Challenge.make(shared, random)
            state = .awaitingAnswer(claim, shared, challenge: challenge)
            return Step(messages: [answer, own])
        case .awaitingAnswer(let claim, let shared, let challenge):
            try Challenge.check(message, challenge, shared)
            try checkAcquaintance(of: claim)
            guard isInitiator else {
                state = .awaitingOtherChallenge(claim, shared)
                return Step()
            }
            state = .awaitingInstance(claim)
            return Step(messages: [IdentificationMessage.instance(own)])
        case .awaitingOtherChallenge(let claim, let shared):
            let answer = try Challenge.answer(message, shared, random)
            state = .awaitingInstance(claim)
            return Step(messages: [answer, IdentificationMessage.instance(own)])
        case .awaitingInstance(let claim):
            let peer = try peer(message, claim)
            state = .over
            return Step(peer: peer)
        case .over:
            throw .violated("a message outside the identification")
        }
    }

    private mutating func receiveKeys(
        _ message: WireMessage,
        of claim: Claim,
        _ random: some RandomSource
    ) throws(PeerError) -> Step {
        let keys = try IdentificationMessage.keys(message)
        guard keys.owner == claim.personID.hex else { throw .violated("the keys are of another person") }
        var claim = claim
        claim.key = try HandshakeCommand.key(keys.publicKey)
        claim.signKey = try HandshakeCommand.key(keys.publicSignKey)
        guard let shared = SharedKey(publicKey: claim.key, own: own.box) else { throw .violated("a weak public key") }
        if isInitiator {
            state = .awaitingChallenge(claim, shared)
            return Step()
        }
        let (challenge, message) = Challenge.make(shared, random)
        state = .awaitingAnswer(claim, shared, challenge: challenge)
        return Step(messages: [message])
    }

    /// Compares a proven person with what is known (one-protocol 2.4).
    private func checkAcquaintance(of claim: Claim) throws(PeerError) {
        let endpoints = try knownEndpoints()
        guard endpoints.isEmpty || endpoints.contains(where: { $0.personID == claim.personID }) else {
            throw .refused("this instance is known to be somebody else's")
        }
        let known: [KnownPersonKeys]
        do { known = try acquaintances.personKeys(of: claim.personID) } catch { throw Self.unknowable }
        let isKnown = known.contains { $0.publicKey == claim.key && $0.publicSignKey == claim.signKey }
        guard known.isEmpty || isKnown else { throw .refused("Key does not match your previous visit") }
    }

    private func peer(_ message: WireMessage, _ claim: Claim) throws(PeerError) -> ProvenPeer {
        let instance = try IdentificationMessage.instance(message)
        guard instance.owner == claim.personID.hex else { throw .violated("the instance is another person's") }
        let id = try IdentityHashes.instance(name: instance.name, owner: claim.personID)
        let endpoints = try knownEndpoints()
        guard endpoints.isEmpty || endpoints.contains(where: { $0.personID == claim.personID && $0.instanceID == id })
        else { throw .refused("this key is known to be another instance's") }
        return ProvenPeer(
            personID: claim.personID,
            personEmail: claim.email,
            personKey: claim.key,
            personSignKey: claim.signKey,
            instanceID: id,
            instanceName: instance.name,
            instanceKey: remoteKey
        )
    }

    private func knownEndpoints() throws(PeerError) -> [KnownEndpoint] {
        do { return try acquaintances.endpoints(ofInstanceKey: remoteKey) } catch { throw Self.unknowable }
    }

    private static let unknowable = PeerError.refused("the contacts cannot be read here now")
}

/// The proof that a side holds a person's key: 64 random bytes come back inverted (one-protocol 2.4).
enum Challenge {
    static let byteCount = 64
    /// Nonce (24), tag (16) and challenge.
    static let sealedByteCount = 104

    /// The challenge, and the message with it.
    static func make(_ shared: SharedKey, _ random: some RandomSource) -> (challenge: [UInt8], message: WireMessage) {
        let challenge = random.bytes(byteCount)
        return (challenge, .binary(shared.seal(challenge, random: random)))
    }

    static func answer(
        _ message: WireMessage,
        _ shared: SharedKey,
        _ random: some RandomSource
    ) throws(PeerError) -> WireMessage {
        .binary(shared.seal(try open(message, shared).map(~), random: random))
    }

    static func check(_ message: WireMessage, _ challenge: [UInt8], _ shared: SharedKey) throws(PeerError) {
        guard SecretBytes(try open(message, shared)) == SecretBytes(challenge.map(~)) else { throw unproven }
    }

    private static func open(_ message: WireMessage, _ shared: SharedKey) throws(PeerError) -> [UInt8] {
        guard case .binary(let sealed) = message, sealed.count == sealedByteCount else {
            throw .violated("expected a challenge")
        }
        guard let opened = shared.open(sealed) else { throw unproven }
        return opened
    }

    private static let unproven = PeerError.refused("the other side does not have the person's key it claims")
}
