import Logging
import Objects
import Peers
import Storage

/// Lets new devices in, on a custodian (design 5).
struct Doorkeeper: JoinHandler {
    private static let nameByteCountMax = 64
    private static let capabilitiesMax = 32

    let node: Node
    let identity: Identity
    let ownerKeys: Keyring

    func claim(_ request: JoinRequest) throws(PeerError) {
        // The form first: a bad request does not use up the invitation.
        try check(request)
        guard node.invitations.claim(request.token, .device) else {
            throw .refused("the invitation is not known, was used, or has expired: ask for a new one with `iom invite`")
        }
    }

    private func check(_ request: JoinRequest) throws(PeerError) {
        let name = request.name
        let isPlain =
            name.utf8.count <= Self.nameByteCountMax && !name.allSatisfy { $0 == "." }
            && name.first != " " && name.last != " " && name.unicodeScalars.allSatisfy(Self.isPlain)
        guard isPlain else { throw .refused("a device cannot be called that: choose another --name") }
        try checkIsFree(name)
        guard Role(name: request.storageRole) != nil, request.capabilities.count <= Self.capabilitiesMax else {
            throw .refused("a role is archive, cache or minimal")
        }
    }

    /// Visible, and harmless in a terminal, in a path, and in the directories ONE.CORE makes of names.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: !"&<>/".unicodeScalars.contains(scalar)
        }
    }

    private func checkIsFree(_ name: String) throws(PeerError) {
        guard let members = node.roll?.members, !members.contains(where: { $0.name == name }), name != identity.name
        else {
            throw .refused("there is a device called \(name) already: choose another --name")
        }
    }

    func complete(_ request: JoinRequest, words: ConfirmationWords) async throws(PeerError) -> JoinReply {
        do {
            let reply = try node.invitations.oneAtATime {
                // Two may have come at the same time.
                try checkIsFree(request.name)
                return try register(request)
            }
            node.events.record(.registered, source: identity.name, target: request.name, details: words.description)
            node.invitations.joined(.init(name: request.name, words: words.words))
            return reply
        } catch let error as PeerError {
            throw error
        } catch {
            let reason = LogReason.metadata(error, peer: request.name)
            node.logger.error("a device was not registered", metadata: reason)
            throw .refused("the registration could not be stored")
        }
    }

    private func register(_ request: JoinRequest) throws -> JoinReply {
        let author = node.author
        let instance = instanceObject(name: request.name, owner: identity.ownerID)
        let newcomer = try EncodedObject(instance, author.book)
        guard let instanceID = newcomer.idHash, let instanceIDBytes = newcomer.idBytes else {
            throw MicrodataError.invalid("Instance has versions")
        }
        let keys = OneObject(
            "Keys",
            [
                ("owner", .reference(instanceID.objectHash)),
                ("publicKey", .string(Hex.text(request.publicKey))),
                ("publicSignKey", .string(Hex.text(request.publicSignKey))),
            ]
        )
        let encodedKeys = try author.commit { draft in
            try draft.change(instance, at: node.time.now)
            return try draft.add(keys)
        }
        let registration = Registration(
            instanceID: instanceID,
            ownerID: identity.ownerID,
            deviceType: request.deviceType,
            storageRole: Role(name: request.storageRole)?.rawValue ?? Role.cache.rawValue,
            capabilities: request.capabilities.filter { $0 != Node.custodianCapability },
            publicKey: request.publicKey,
            publicSignKey: request.publicSignKey,
            validFrom: node.time.now.milliseconds.rounded(.down)
        )
        let proof = try author.register(registration, owner: identity.ownerID, ownerKeys: ownerKeys)
        try node.learn(proof, from: nil)
        let own = try ownObjects()
        return JoinReply(objects: own + [instanceIDBytes, encodedKeys.bytes], proof: proof)
    }

    /// What a newcomer needs to know the owner and this custodian: who they are, their keys, this registration.
    private func ownObjects() throws -> [[UInt8]] {
        guard let birth = try Birth.read(in: node.root), let proof = node.roll?.ownProof() else { return [] }
        let hashes = [identity.ownerID.objectHash, birth.ownerKeys, identity.instanceID.objectHash, birth.instanceKeys]
        let objects = try hashes.compactMap { try node.store.localBytes(of: $0) }
        return objects + [proof.registration, proof.certificate, proof.signature, proof.license]
    }
}
