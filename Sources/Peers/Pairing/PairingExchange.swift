import Objects

/// Pairing after identification (one-protocol 3.2): messages in, messages out, no I/O.
package struct PairingExchange {
    private enum State {
        case awaitingToken
        case awaitingIdentity
        case over
    }

    /// What to do after a message.
    package struct Step: Sendable {
        package var messages: [WireMessage] = []
        /// The other side, when everything it said was compared; then the exchange is over.
        package var paired: PairedPeer?
    }

    /// What the side that was dialled says when the pairing is stored: from then on it can be dialled for `chum`.
    static let word = WireMessage.text("synchronisation")
    private static let tokenCommand = "authentication_token"

    private struct TokenMessage: Codable {
        var command: String
        var token: String
    }

    private var state: State
    private let own: PairingIdentity
    private let peer: ProvenPeer
    /// Of the side that was invited.
    private let token: String?

    /// `token`: that of the invitation, for the side that was invited; nil for the side that invites.
    package init(own: PairingIdentity, peer: ProvenPeer, token: String?) throws(PeerError) {
        guard peer.personID != (try IdentityHashes.person(email: own.personEmail)) else {
            throw .refused("both sides are the same person: a device of one's own joins by `iom invite`")
        }
        (self.own, self.peer, self.token) = (own, peer, token)
        state = token == nil ? .awaitingToken : .awaitingIdentity
    }

    package func start() -> [WireMessage] {
        token.map { [.text(JSONText.encode(TokenMessage(command: Self.tokenCommand, token: $0)))] } ?? []
    }

    /// `claim` uses a token up, and throws if it is not good.
    package mutating func receive(
        _ message: WireMessage,
        claim: (String) throws(PeerError) -> Void
    ) throws(PeerError) -> Step {
        switch state {
        case .awaitingToken:
            guard case .text(let text) = message, text.utf8.count <= HandshakeCommand.byteCountMax,
                let read = JSONText.decode(TokenMessage.self, from: text), read.command == Self.tokenCommand
            else { throw .violated("expected a token") }
            try claim(read.token)
            state = .awaitingIdentity
            return Step(messages: [own.message])
        case .awaitingIdentity:
            let identity = try PairingIdentity(message)
            var proven = peer
            // One version of the reference pairs with the key of the person where that of the instance belongs
            // (one-protocol 2.1): then this is only claimed, and proven whenever it connects for anything else.
            if proven.instanceKey == proven.personKey, token == nil { proven.instanceKey = identity.instanceKey }
            try identity.check(against: proven)
            state = .over
            let paired = PairedPeer(proven: proven, instanceSignKey: identity.instanceSignKey, url: identity.url)
            return Step(messages: token == nil ? [] : [own.message], paired: paired)
        case .over:
            throw .violated("a message outside the pairing")
        }
    }
}
