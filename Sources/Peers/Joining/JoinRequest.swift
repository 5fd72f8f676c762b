package import Objects

/// What a new device says of itself to a custodian (design 5), on a connection that has proven `publicKey`.
package struct JoinRequest: Hashable, Sendable {
    package var token: String
    package var name: String
    package var deviceType: String
    package var storageRole: String
    package var capabilities: [String]
    /// X25519, the instance key.
    package var publicKey: [UInt8]
    /// Ed25519.
    package var publicSignKey: [UInt8]

    package init(
        token: String,
        name: String,
        deviceType: String,
        storageRole: String,
        capabilities: [String],
        publicKey: [UInt8],
        publicSignKey: [UInt8]
    ) {
        (self.token, self.name, self.deviceType, self.storageRole) = (token, name, deviceType, storageRole)
        (self.capabilities, self.publicKey, self.publicSignKey) = (capabilities, publicKey, publicSignKey)
    }

    private static let command = "join"
    private static let byteCountMax = 16 << 10

    private struct Members: Codable {
        var command: String
        var token: String
        var name: String
        var deviceType: String
        var storageRole: String
        var capabilities: [String]
        var publicKey: String
        var publicSignKey: String
    }

    /// nil if the message is no such request.
    init?(_ message: Message) {
        guard case .text(let text) = message, text.utf8.count <= Self.byteCountMax,
            let members = JSONText.decode(Members.self, from: text), members.command == Self.command,
            let publicKey = Hex.bytes(members.publicKey), publicKey.count == 32,
            let publicSignKey = Hex.bytes(members.publicSignKey), publicSignKey.count == 32
        else { return nil }
        self.init(
            token: members.token,
            name: members.name,
            deviceType: members.deviceType,
            storageRole: members.storageRole,
            capabilities: members.capabilities,
            publicKey: publicKey,
            publicSignKey: publicSignKey
        )
    }

    var message: Message {
        .text(
            JSONText.encode(
                Members(
                    command: Self.command,
                    token: token,
                    name: name,
                    deviceType: deviceType,
                    storageRole: storageRole,
                    capabilities: capabilities,
                    publicKey: Hex.text(publicKey),
                    publicSignKey: Hex.text(publicSignKey)
                )))
    }
}

/// What a custodian gives a new device: the objects it needs to be one of the owner's, and its registration.
package struct JoinReply: Hashable, Sendable {
    /// Microdata of ONE objects and ID objects.
    package var objects: [[UInt8]]
    package var proof: RegistrationProof

    package init(objects: [[UInt8]], proof: RegistrationProof) { (self.objects, self.proof) = (objects, proof) }

    private static let command = "joined"

    private struct Members: Codable {
        var command: String
        var objects: [String]
        var registration: String
        var certificate: String
        var signature: String
        var license: String
    }

    init(_ message: Message) throws(PeerError) {
        guard case .text(let text) = message, let members = JSONText.decode(Members.self, from: text),
            members.command == Self.command, let proof = JSONText.decode(ProofText.self, from: text)?.proof
        else { throw .violated("expected an answer to join") }
        self.init(objects: members.objects.map { Array($0.utf8) }, proof: proof)
    }

    var message: Message {
        let text = ProofText(proof)
        return .text(
            JSONText.encode(
                Members(
                    command: Self.command,
                    objects: objects.map { String(decoding: $0, as: UTF8.self) },
                    registration: text.registration,
                    certificate: text.certificate,
                    signature: text.signature,
                    license: text.license
                )))
    }
}

/// A custodian's part in joining.
package protocol JoinHandler: Sendable {
    /// Uses up the token. Throws `PeerError.refused` if it is not one of ours, was used, or is too old.
    func claim(_ request: JoinRequest) throws(PeerError)
    /// Registers the newcomer once a person has agreed, if one is asked. Throws `PeerError.refused` if not.
    func complete(_ request: JoinRequest, words: ConfirmationWords) async throws(PeerError) -> JoinReply
}

/// The newcomer's part in joining: asks, waits for the answer, and leaves.
struct JoiningGroup: ConnectionGroup {
    let request: JoinRequest
    let reply: OneShot<JoinReply>

    var name: String { IoMGroup.groupName }

    func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        connection.authenticated()
        try await connection.send(request.message)
        reply.fulfil(try JoinReply(try await incoming.next()))
    }
}
