package import Objects

/// The handshake of the side that dialled (one-protocol 2.1-2.3): messages in, steps out, no I/O.
///
/// When it is over, the other side has proven that it holds the instance key it was dialled for.
package struct InitiatorHandshake: ~Copyable {
    private enum State {
        case start
        case awaitingReady
        case awaitingKey
        case awaitingSync
        case over
    }

    private var state: State = .start
    private let identity: BoxKeyPair
    private let ephemeral: BoxKeyPair
    private let target: [UInt8]
    private let group: String
    private let outer: SharedKey

    /// `identity` is the own instance key, `target` the instance key of the side that is dialled.
    package init(identity: BoxKeyPair, target: [UInt8], group: String, random: some RandomSource) throws(PeerError) {
        (self.identity, self.target, self.group) = (identity, target, group)
        ephemeral = BoxKeyPair(random: random)
        outer = try EphemeralKey.sessionKey(target, identity)
    }

    package mutating func start() -> HandshakeStep {
        state = .awaitingReady
        let request = HandshakeCommand("communication_request", source: identity.publicKey, target: target)
        return HandshakeStep(clear: request.message)
    }

    package mutating func receive(_ message: Message, random: some RandomSource) throws(PeerError) -> HandshakeStep {
        switch state {
        case .awaitingReady:
            _ = try HandshakeCommand(message, expecting: "communication_ready")
            state = .awaitingKey
            return HandshakeStep(clear: .binary(outer.seal(ephemeral.publicKey, random: random)))
        case .awaitingKey:
            let other = try EphemeralKey.open(message, outer: outer)
            let key = try EphemeralKey.sessionKey(other, ephemeral)
            state = .awaitingSync
            let selection = HandshakeCommand("connection_group", group: group)
            return HandshakeStep(keys: SessionKeys(key: key, isInitiator: true), sealed: selection.message)
        case .awaitingSync:
            _ = try HandshakeCommand(message, expecting: "sync")
            state = .over
            return HandshakeStep(group: group)
        case .start, .over:
            throw .violated("a message outside the handshake")
        }
    }
}
