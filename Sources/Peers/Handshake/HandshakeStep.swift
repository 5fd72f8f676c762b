import Objects

/// What a handshake wants done after an event, in the order of the members.
package struct HandshakeStep: Sendable {
    /// To send in the clear.
    package var clear: Message?
    /// From here on everything is encrypted with these, both ways.
    package var keys: SessionKeys?
    /// To send encrypted.
    package var sealed: Message?
    /// The handshake is over; the connection is for this group.
    package var group: String?
    /// Close now: what follows would be refused.
    package var refusal: String?

    init(
        clear: Message? = nil,
        keys: SessionKeys? = nil,
        sealed: Message? = nil,
        group: String? = nil,
        refusal: String? = nil
    ) {
        (self.clear, self.keys, self.sealed) = (clear, keys, sealed)
        (self.group, self.refusal) = (group, refusal)
    }
}

/// What both sides of the handshake do alike (one-protocol 2.2).
enum EphemeralKey {
    /// nonce(24), tag(16), key(32)
    static let sealedByteCount = 72

    static func open(_ message: Message, outer: SharedKey) throws(PeerError) -> [UInt8] {
        guard case .binary(let sealed) = message, sealed.count == sealedByteCount else {
            throw .violated("expected a sealed key")
        }
        guard let key = outer.open(sealed) else { throw .refused("the other side does not have the key it claims") }
        return key
    }

    static func sessionKey(_ other: [UInt8], _ own: BoxKeyPair) throws(PeerError) -> SharedKey {
        guard let key = SharedKey(publicKey: other, own: own) else { throw .violated("a weak public key") }
        return key
    }
}
