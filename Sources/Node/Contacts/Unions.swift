import Objects
import Peers
import Storage
import Synchronization

/// Becoming one with another person's instances (one-protocol 7.3): who asked, who was expected to, and what follows when
/// both have affirmed it.
///
/// What a person was asked is in the registry of requests; what the owner of this side expects is kept in memory only.
final class Unions: Sendable {
    private let expected = Mutex<Set<IDHash>>([])
    private let guests = Mutex<Set<IDHash>>([])
    private let news = Broadcast<IDHash>(bufferCount: 16)

    /// Everybody who becomes one with the owner from now on.
    func completions() -> AsyncStream<IDHash> { news.listen() }

    /// The person's request will be affirmed when it comes.
    func expect(_ person: IDHash) { expected.withLock { _ = $0.insert(person) } }

    /// The person came by an invitation to be one with the owner.
    func invited(_ person: IDHash) { guests.withLock { _ = $0.insert(person) } }

    func isInvited(_ person: IDHash) -> Bool { guests.withLock { $0.contains(person) } }

    fileprivate func isExpected(_ person: IDHash) -> Bool { expected.withLock { $0.contains(person) } }

    fileprivate func completed(_ person: IDHash) {
        expected.withLock { _ = $0.remove(person) }
        news.tell(person)
    }
}

extension Node {
    /// Asks a contact to be one with the owner: they are the one both are towards others.
    func askForUnion(with person: IDHash, _ introduction: Introduction) throws {
        let owner = introduction.own.personID
        let known = try author.unionRequests().contains { $0.persons == [owner, person] && $0.initiator == owner }
        guard try !known && !author.isOwn(person) else { return }
        let now = time.now.milliseconds.rounded(.down)
        let request = UnionRequest(timestamp: now, initiator: owner, mainID: person, alternateID: owner)
        try author.commit { draft in
            try author.affirm(request, owner: owner, ownerKeys: introduction.ownerKeys, into: &draft)
        }
    }

    /// Affirms what a contact has asked; throws if they have not.
    func acceptUnion(with person: IDHash) throws {
        let introduction = try introduction()
        let owner = introduction.own.personID
        guard let request = try author.unionRequests().last(where: { $0.other(than: owner) == person }) else {
            throw CommandError("they have not asked to be one with you: let them do that first")
        }
        try complete(request, with: person, introduction)
    }

    /// Looks at signatures a contact gave: one that affirms a request of the two of them goes further with it.
    func considerUnions(_ signatures: [OneObject], from person: IDHash) throws {
        for signature in signatures where signature.reference("issuer") == person.objectHash {
            guard let request = try affirmed(by: signature, of: person) else { continue }
            let introduction = try introduction()
            guard request.other(than: introduction.own.personID) == person, try !author.isOwn(person) else { continue }
            let hasAffirmed = try author.hasAffirmed(
                request,
                owner: introduction.own.personID,
                ownerKeys: introduction.ownerKeys
            )
            if hasAffirmed || unions.isExpected(person) {
                try complete(request, with: person, introduction)
            } else {
                try author.commit { draft in
                    let stored = try draft.add(request.object)
                    try author.note(stored.hash, into: &draft)
                }
                let name = try author.versions.idObject(person).text("email")
                events.record(.unionAsked, source: name, details: "`iom contact unite` accepts it")
            }
        }
    }

    /// The request a signature affirms, if it was made with a key the contact was met with.
    private func affirmed(by signature: OneObject, of person: IDHash) throws -> UnionRequest? {
        guard let data = signature.reference("data"), let certificate = try? author.versions.object(data),
            let asked = certificate.reference("data"), let object = try? author.versions.object(asked),
            let request = UnionRequest(object)
        else { return nil }
        let isTheirs = try contactBook.personKeys(of: person).contains { keys in
            Affirmation.verify(
                signature: signature,
                certificate: (data, certificate),
                publicSignKey: keys.publicSignKey
            )
        }
        return isTheirs ? request : nil
    }

    /// Affirms it here, too, and becomes the other person as well, with keys and an instance of its own.
    private func complete(_ request: UnionRequest, with person: IDHash, _ introduction: Introduction) throws {
        guard let identity, let keychain = identity.keychain else { return }
        let (owner, ownerKeys) = (introduction.own.personID, introduction.ownerKeys)
        let new = Author.NewIdentity(
            personKeys: Keyring(random: random),
            instanceKeys: Keyring(random: random),
            instanceName: identity.name,
            url: introduction.identity.url
        )
        // The secret keys first: nobody may know public ones of which nobody has the secret.
        let instance = try EncodedObject(instanceObject(name: identity.name, owner: person), author.book)
        guard let instanceID = instance.idHash else { throw MicrodataError.invalid("Instance has versions") }
        for (keyring, keyOwner) in [(new.personKeys, person.objectHash), (new.instanceKeys, instanceID.objectHash)] {
            try keychain.add(keyring, under: EncodedObject(keyring.keysObject(owner: keyOwner), author.book).hash)
        }
        try author.commit { draft in
            try author.affirm(request, owner: owner, ownerKeys: ownerKeys, into: &draft)
            if request.takesOn(person) {
                try author.unite(request, owner: owner, ownerKeys: ownerKeys, as: new, into: &draft)
            }
            try author.shareAll(with: person, owner: owner, into: &draft)
        }
        let name = try author.versions.idObject(person).text("email")
        events.record(.united, source: introduction.own.instanceName, target: name)
        unions.completed(person)
    }
}
