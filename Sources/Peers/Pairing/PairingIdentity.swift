import Objects

/// What a side of a pairing says of itself: person, instance, their public keys, and where to dial it (one-protocol 3.2).
package struct PairingIdentity: Hashable, Sendable {
    package var personEmail: String
    package var instanceName: String
    /// X25519.
    package var personKey: [UInt8]
    /// Ed25519.
    package var personSignKey: [UInt8]
    /// X25519.
    package var instanceKey: [UInt8]
    /// Ed25519.
    package var instanceSignKey: [UInt8]
    /// nil: it cannot be dialled.
    package var url: String?

    package init(of own: OwnPerson, instanceKey: [UInt8], instanceSignKey: [UInt8], url: String?) {
        (personEmail, instanceName) = (own.email, own.instanceName)
        (personKey, personSignKey) = (own.box.publicKey, own.signKey)
        (self.instanceKey, self.instanceSignKey, self.url) = (instanceKey, instanceSignKey, url)
    }

    private static let command = "identity"
    private static let urlByteCountMax = 2_048

    private struct Message: Codable {
        var command: String
        var obj: Members
    }

    private struct Members: Codable {
        var type: String
        var personEmail: String
        var instanceName: String
        var personKeyPublic: String
        var personSignKeyPublic: String
        var instanceKeyPublic: String
        var instanceSignKeyPublic: String
        var url: String?
    }

    /// Reads a message that must be an identity.
    init(_ message: WireMessage) throws(PeerError) {
        guard case .text(let text) = message, text.utf8.count <= HandshakeCommand.byteCountMax,
            let read = JSONText.decode(Message.self, from: text), read.command == Self.command,
            read.obj.type == "public"
        else { throw .violated("expected an identity") }
        let members = read.obj
        (personEmail, instanceName, url) = (members.personEmail, members.instanceName, members.url)
        personKey = try HandshakeCommand.key(members.personKeyPublic)
        personSignKey = try HandshakeCommand.key(members.personSignKeyPublic)
        instanceKey = try HandshakeCommand.key(members.instanceKeyPublic)
        instanceSignKey = try HandshakeCommand.key(members.instanceSignKeyPublic)
        if let url, !Self.isAddress(url) { throw .violated("the address in an identity is not one") }
    }

    /// Plain visible ASCII that somebody can dial, here or elsewhere.
    private static func isAddress(_ url: String) -> Bool {
        let lowered = url.lowercased()
        return url.utf8.count <= urlByteCountMax && (lowered.hasPrefix("ws://") || lowered.hasPrefix("wss://"))
            && url.utf8.allSatisfy { 33...126 ~= $0 }
    }

    var message: WireMessage {
        let members = Members(
            type: "public",
            personEmail: personEmail,
            instanceName: instanceName,
            personKeyPublic: Hex.text(personKey),
            personSignKeyPublic: Hex.text(personSignKey),
            instanceKeyPublic: Hex.text(instanceKey),
            instanceSignKeyPublic: Hex.text(instanceSignKey),
            url: url
        )
        return .text(JSONText.encode(Message(command: Self.command, obj: members)))
    }

    /// Throws at the first member that is not what the connection has proven.
    func check(against peer: ProvenPeer) throws(PeerError) {
        let differing: String? =
            if !personEmail.utf8.elementsEqual(peer.personEmail.utf8) {
                "person"
            } else if personKey != peer.personKey {
                "person key"
            } else if personSignKey != peer.personSignKey {
                "sign key"
            } else if !instanceName.utf8.elementsEqual(peer.instanceName.utf8) {
                "instance"
            } else if instanceKey != peer.instanceKey {
                "instance key"
            } else {
                nil
            }
        guard let differing else { return }
        throw .violated("the identity names another \(differing) than the one that was proven")
    }
}

/// The other side of a pairing that has come to its end: everything in it was compared with what was proven.
package struct PairedPeer: Sendable, Hashable {
    package var proven: ProvenPeer
    /// Ed25519; only claimed.
    package var instanceSignKey: [UInt8]
    /// Where to dial it; nil: it cannot be dialled.
    package var url: String?

    package init(proven: ProvenPeer, instanceSignKey: [UInt8], url: String?) {
        (self.proven, self.instanceSignKey, self.url) = (proven, instanceSignKey, url)
    }
}
