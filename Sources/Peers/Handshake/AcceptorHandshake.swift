package import Objects

/// The handshake of the side that was dialled (one-protocol 2.1-2.3): messages in, steps out, no I/O.
///
/// When it is over, `remoteKey` is an instance key the other side has proven to hold.
package struct AcceptorHandshake: ~Copyable {
    private enum State {
        case awaitingRequest
        case awaitingKey(outer: SharedKey)
        case awaitingGroup
        case over
    }

    private var state: State = .awaitingRequest
    private let identity: BoxKeyPair
    private let ephemeral: BoxKeyPair
    private let groups: Set<String>
    /// The instance key of the other side; proven as soon as a step has keys.
    package private(set) var remoteKey: [UInt8] = []

    /// `groups` are the names of what a connection may be for.
    package init(identity: BoxKeyPair, groups: Set<String>, random: some RandomSource) {
        (self.identity, self.groups) = (identity, groups)
        ephemeral = BoxKeyPair(random: random)
    }

    package mutating func receive(_ message: Message, random: some RandomSource) throws(PeerError) -> HandshakeStep {
        switch state {
        case .awaitingRequest:
            return try request(message)
        case .awaitingKey(let outer):
            let other = try EphemeralKey.open(message, outer: outer)
            let key = try EphemeralKey.sessionKey(other, ephemeral)
            state = .awaitingGroup
            let own = Message.binary(outer.seal(ephemeral.publicKey, random: random))
            return HandshakeStep(clear: own, keys: SessionKeys(key: key, isInitiator: false))
        case .awaitingGroup:
            let selection = try HandshakeCommand(message, expecting: "connection_group")
            guard let name = selection.connectionGroupName, groups.contains(name) else {
                throw .refused("no such connection group here")
            }
            state = .over
            return HandshakeStep(sealed: HandshakeCommand("sync").message, group: name)
        case .over:
            throw .violated("a message outside the handshake")
        }
    }

    private mutating func request(_ message: Message) throws(PeerError) -> HandshakeStep {
        let request = try HandshakeCommand(message, expecting: "communication_request")
        let target = try HandshakeCommand.key(request.targetPublicKey)
        remoteKey = try HandshakeCommand.key(request.sourcePublicKey)
        let ready = HandshakeCommand("communication_ready").message
        guard target == identity.publicKey, remoteKey != identity.publicKey else {
            return HandshakeStep(clear: ready, refusal: "no such instance key here")
        }
        state = .awaitingKey(outer: try EphemeralKey.sessionKey(remoteKey, identity))
        return HandshakeStep(clear: ready)
    }
}
