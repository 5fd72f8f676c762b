import Logging
import Objects
import Peers
import Storage

/// Makes contacts of people who pair with the owner, on a custodian (one-protocol 3).
struct Introduction: PairingHandler {
    /// As long as ONE.CORE's.
    private static let someoneIDLength = 32

    let node: Node
    let own: OwnPerson
    let ownerKeys: Keyring
    let instanceKeys: Keyring
    /// Told when the contact is stored.
    var onMet: @Sendable (PairedPeer) -> Void = { _ in }

    init(node: Node, identity: Identity, ownerKeys: Keyring) throws {
        guard let email = try node.author.versions.idObject(identity.ownerID).text("email") else {
            throw CommandError("the owner's object, \(identity.ownerID), is damaged: run `iom fsck`")
        }
        (self.node, self.ownerKeys, instanceKeys) = (node, ownerKeys, identity.instanceKeys)
        own = try OwnPerson(
            email: email,
            box: ownerKeys.box,
            signKey: ownerKeys.sign.publicKey,
            instanceName: identity.name
        )
    }

    var identification: PersonIdentification { PersonIdentification(as: own, acquaintances: node.contactBook) }

    var identity: PairingIdentity {
        PairingIdentity(
            of: own,
            instanceKey: instanceKeys.box.publicKey,
            instanceSignKey: instanceKeys.sign.publicKey,
            url: node.endpoint ?? node.configuration.instance.endpoint
        )
    }

    func requireOpenInvitation() throws(PeerError) {
        guard node.invitations.isOpen(.contact) || node.invitations.isOpen(.union) else {
            throw .refused("nobody is invited now, or the invitation was used or has expired: ask for a new one")
        }
    }

    func claim(_ token: String, by peer: ProvenPeer) throws(PeerError) {
        if node.invitations.claim(token, .contact) { return }
        guard node.invitations.claim(token, .union) else {
            throw .refused("the invitation is not known, was used, or has expired: ask for a new one")
        }
        node.unions.invited(peer.personID)
    }

    func complete(_ peer: PairedPeer) throws(PeerError) {
        do {
            try store(peer)
            if node.unions.isInvited(peer.proven.personID) {
                try node.askForUnion(with: peer.proven.personID, self)
            }
        } catch {
            node.logger.error("storing a contact failed", metadata: LogReason.metadata(error))
            throw .refused("the contact could not be stored")
        }
        node.publishAddress()
        let email = peer.proven.personEmail
        node.events.record(.paired, source: own.instanceName, target: email, details: peer.url.map { "at \($0)" })
        node.contactNews.tell()
        node.invitations.met(.init(person: peer.proven.personID, email: email))
        onMet(peer)
    }

    /// The contact, the conversation of the two, and the owner's profile granted: that is how names arrive.
    private func store(_ peer: PairedPeer) throws {
        let author = node.author
        let token = Invitation.makeToken(random: node.random)
        try author.commit { draft in
            try author.addContact(
                peer,
                someoneID: String(token.prefix(Self.someoneIDLength)),
                owner: own.personID,
                ownerKeys: ownerKeys,
                into: &draft
            )
            let profile = try ContactBook.defaultProfile(of: own.personID, by: own.personID, author.book)
            try author.share(.versions(of: profile), with: [peer.proven.personID], into: &draft)
            try author.pairTopic(of: own.personID, with: peer.proven.personID, into: &draft)
        }
    }

    func failed(_ peer: ProvenPeer?, _ error: PeerError) {
        guard error != .cancelled else { return }
        node.events.record(.pairingFailed, source: peer?.personEmail, details: error.reason, failed: true)
    }
}

extension Node {
    /// For who pairs with the owner; throws where the owner's key is not.
    func introduction() throws -> Introduction {
        let identity = try requireIdentity()
        guard let ownerKeys = identity.ownerKeys else {
            throw CommandError(
                "this device has not the owner's key: make contacts on one that has, as `iom peers` tells"
            )
        }
        return try Introduction(node: self, identity: identity, ownerKeys: ownerKeys)
    }
}
