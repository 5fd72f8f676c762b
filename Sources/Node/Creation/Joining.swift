import Objects
import Peers
import Storage
package import SystemPackage

/// Makes an instance of a device that was invited (design 5).
package struct Joining: Sendable {
    package var root: FilePath
    package var secret: String
    package var link: String
    package var name: String
    package var role: Role
    package var deviceType: String
    /// PEM file of authorities for `wss`, beside the system's.
    package var tlsAuthorities: String?

    package init(
        root: FilePath,
        secret: String,
        link: String,
        name: String,
        role: Role,
        deviceType: String,
        tlsAuthorities: String? = nil
    ) {
        (self.root, self.secret, self.link) = (root, secret, link)
        (self.name, self.role, self.deviceType) = (name, role, deviceType)
        self.tlsAuthorities = tlsAuthorities
    }

    package struct Outcome: Sendable {
        /// The instance that let this one in.
        package var custodian: String
        /// Both show the same.
        package var words: [String]
    }

    package func run(_ surroundings: Node.Surroundings) async throws -> Outcome {
        try Founding.checkNames(name)
        guard let invitation = Invitation(link) else {
            throw CommandError("this is no invitation: copy the whole line that `iom invite` printed")
        }
        let workshop = try Workshop(root: root, surroundings: surroundings)
        let keys = Keyring(random: surroundings.random)
        let request = JoinRequest(
            token: invitation.token,
            name: name,
            deviceType: deviceType,
            storageRole: role.rawValue,
            capabilities: Node.capabilities,
            publicKey: keys.box.publicKey,
            publicSignKey: keys.sign.publicKey
        )
        let peering = Peering(identity: keys.box, timekeeper: surroundings.time, random: surroundings.random)
        let words = ConfirmationWords(
            custodianKey: invitation.publicKey,
            newcomerKey: request.publicKey,
            newcomerSignKey: request.publicSignKey
        )
        let reply: JoinReply
        do {
            let authorities = TrustedAuthorities(file: tlsAuthorities)
            reply = try await PeerDialer(peering: peering, authorities: authorities).join(invitation, request) { _ in }
        } catch {
            throw CommandError("joining failed: \(error.reason)")
        }
        let custodian = try settle(reply, invitation, keys, workshop)
        return Outcome(custodian: custodian, words: words.words)
    }

    /// Checks what came, stores it, and makes the root an instance; returns the custodian's name.
    private func settle(
        _ reply: JoinReply,
        _ invitation: Invitation,
        _ keys: Keyring,
        _ workshop: Workshop
    ) throws -> String {
        let book = workshop.author.book
        let circle = try Circle(objects: reply.objects, book: book)
        let registration = try reply.proof.verified(owner: circle.ownerID, ownerSignKey: circle.ownerSignKey, book)
        guard registration.publicKey == keys.box.publicKey, registration.publicSignKey == keys.sign.publicKey else {
            throw CommandError("the other side registered another key: ask for a new invitation")
        }
        guard circle.custodian.publicKey == invitation.publicKey, !circle.custodian.isRevoked else {
            throw CommandError("the answer is not from the instance that invited: ask for a new invitation")
        }
        let instance = try workshop.author.commit { draft in
            try draft.change(instanceObject(name: name, owner: circle.ownerID), at: workshop.author.time.now)
        }
        guard instance.idHash == registration.instanceID else {
            throw CommandError("the other side registered another name: ask for a new invitation")
        }
        _ = try workshop.store.put(reply.objects)
        let keysObject = try workshop.author.commit { draft in
            try draft.add(keys.keysObject(owner: registration.instanceID.objectHash))
        }
        try workshop.author.store(reply.proof, of: registration)
        try workshop.author.store(circle.custodianProof, of: circle.custodian)
        let keychain = try Keychain.create(in: workshop.root, secret: secret, random: workshop.random)
        try keychain.add(keys, under: keysObject.hash)
        let peer = Configuration.Peer(name: circle.custodianName, endpoint: invitation.url)
        try workshop.finish(
            birth: Birth(
                instanceID: registration.instanceID,
                instanceKeys: keysObject.hash,
                ownerKeys: circle.ownerKeys
            ),
            configuration: Configuration.template(
                name: name,
                role: role,
                deviceType: deviceType,
                tlsAuthorities: tlsAuthorities,
                peers: [peer]
            )
        )
        return circle.custodianName
    }
}

/// The owner and the custodian, as the custodian presented them to a newcomer; what it says is consistent.
private struct Circle {
    let ownerID: IDHash
    /// Hash of the owner's `Keys`.
    let ownerKeys: ObjectHash
    let ownerSignKey: [UInt8]
    let custodian: Registration
    let custodianProof: RegistrationProof
    let custodianName: String

    init(objects: [[UInt8]], book: RecipeBook) throws {
        let unusable = CommandError("the answer of the other side is not usable: it may be of another version")
        func bytes(_ type: String) -> [UInt8]? {
            objects.first { KnownObject(hash: ObjectHash(of: $0), bytes: $0).type == type }
        }
        guard let registration = bytes(Registration.type), let certificate = bytes("AffirmationCertificate"),
            let signature = bytes("Signature"), let license = bytes("License")
        else { throw unusable }
        custodianProof = RegistrationProof(
            registration: registration,
            certificate: certificate,
            signature: signature,
            license: license
        )
        let claimed = try Registration(object: Microdata.object(from: registration, book))
        ownerID = claimed.ownerID
        let keys = objects.compactMap { bytes in
            (try? Microdata.object(from: bytes, book)).map { (hash: ObjectHash(of: bytes), object: $0) }
        }
        .first { $0.object.type == "Keys" && $0.object["owner"] == .reference(claimed.ownerID.objectHash) }
        guard let keys, case .string(let text)? = keys.object["publicSignKey"], let signKey = Hex.bytes(text),
            let instance = objects.first(where: { ObjectHash(of: $0) == claimed.instanceID.objectHash }),
            case .string(let name)? = try Microdata.idObject(from: instance, book)["name"],
            objects.contains(where: { ObjectHash(of: $0) == claimed.ownerID.objectHash })
        else { throw unusable }
        (ownerKeys, ownerSignKey, custodianName) = (keys.hash, signKey, name)
        custodian = try custodianProof.verified(owner: ownerID, ownerSignKey: ownerSignKey, book)
    }
}
