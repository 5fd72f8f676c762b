package import Objects
package import Storage

extension Author {
    /// The registry of requests before the first.
    private static let noRequests = OneObject(
        "IoMRequestsRegistry",
        [("appId", .string("one.iom")), ("requests", .list([]))]
    )
    private static let groupName = "IoM"

    /// What a side that becomes another person makes for itself (one-protocol 7.3).
    package struct NewIdentity: Sendable {
        package var personKeys: Keyring
        package var instanceKeys: Keyring
        package var instanceName: String
        /// Where the instance is dialled; nil: nowhere.
        package var url: String?

        package init(personKeys: Keyring, instanceKeys: Keyring, instanceName: String, url: String?) {
            (self.personKeys, self.instanceKeys) = (personKeys, instanceKeys)
            (self.instanceName, self.url) = (instanceName, url)
        }
    }

    /// Stores a request with the owner's affirmation, whose signature is granted to both persons; said again it is nothing.
    package func affirm(
        _ request: UnionRequest,
        owner: IDHash,
        ownerKeys: Keyring,
        into draft: inout Draft
    ) throws {
        let stored = try draft.add(request.object)
        try note(stored.hash, into: &draft)
        let affirmation = try Affirmation(of: stored.hash, by: owner, key: ownerKeys.sign, book)
        let signature = try addAffirmation(
            [affirmation.license, affirmation.certificate, affirmation.signature],
            to: &draft
        )
        try share(.object(signature), with: request.persons, into: &draft)
    }

    /// Whether the owner has affirmed a request: signatures of one key on one thing are always the same.
    package func hasAffirmed(_ request: UnionRequest, owner: IDHash, ownerKeys: Keyring) throws -> Bool {
        let hash = try EncodedObject(request.object, book).hash
        let affirmation = try Affirmation(of: hash, by: owner, key: ownerKeys.sign, book)
        return try store.contains(affirmation.signature.hash)
    }

    /// Lists a request, so that it is known who asked.
    package func note(_ request: ObjectHash, into draft: inout Draft) throws {
        var registry = Self.noRequests
        registry = try draft.version(of: Microdata.idHash(of: registry, book)) ?? registry
        let known = registry.references("requests")
        guard !known.contains(request) else { return }
        registry["requests"] = .list((known + [request]).map(Value.reference))
        try draft.change(registry, at: time.now)
    }

    /// All requests that were made to or by the owner.
    package func unionRequests() throws -> [UnionRequest] {
        let current = try versions.current(Microdata.idHash(of: Self.noRequests, book))
        return try current?.references("requests").compactMap { UnionRequest(try versions.object($0)) } ?? []
    }

    /// All persons the owner is; none before the address book was written.
    func ownPersons(in draft: borrowing Draft) throws -> [IDHash] {
        try me(in: draft)?.object.entries("identities").compactMap { $0.key.reference.map(IDHash.init) } ?? []
    }

    func ownPersons() throws -> [IDHash] { try ownPersons(in: Draft(book: book, current: versions)) }

    /// Whether a person is one of the owner's identities.
    package func isOwn(_ person: IDHash) throws -> Bool {
        try ownPersons().contains(person)
    }

    /// Makes both persons one, after both have affirmed: the other one becomes an identity of the owner, with an instance
    /// and keys of its own here.
    package func unite(
        _ request: UnionRequest,
        owner: IDHash,
        ownerKeys: Keyring,
        as identity: NewIdentity,
        into draft: inout Draft
    ) throws {
        guard let other = request.other(than: owner) else { throw ObjectError.unknown }
        let instance = try draft.change(instanceObject(name: identity.instanceName, owner: other), at: time.now)
        guard let instanceID = instance.idHash else { throw MicrodataError.invalid("Instance has versions") }
        let personKeys = try draft.add(identity.personKeys.keysObject(owner: other.objectHash)).hash
        let instanceKeys = try draft.add(identity.instanceKeys.keysObject(owner: instanceID.objectHash)).hash
        let endpoint = try draft.add(
            OneObject(
                "OneInstanceEndpoint",
                [
                    ("personId", .reference(other.objectHash)), ("instanceId", .reference(instanceID.objectHash)),
                    ("personKeys", .reference(personKeys)), ("instanceKeys", .reference(instanceKeys)),
                    ("url", identity.url.map(Value.string)),
                ]
            )
        )
        let profileID = try ContactBook.defaultProfile(of: other, by: other, book)
        guard var profile = try draft.version(of: profileID) else { throw ObjectError.unreachable }
        let endpoints = profile.references("communicationEndpoint")
        profile["communicationEndpoint"] = .list((endpoints + [endpoint.hash]).map(Value.reference))
        let version = try draft.change(profile, at: time.now).hash
        let affirmation = try Affirmation(of: version, by: owner, key: ownerKeys.sign, book)
        _ = try addAffirmation([affirmation.license, affirmation.certificate, affirmation.signature], to: &draft)
        // Who is main says whose keys count.
        if other == request.mainID { try writeRights(of: other, issuer: owner, key: ownerKeys.sign, into: &draft) }
        try takeOn(other, profile: profileID, isMain: other == request.mainID, into: &draft)
        try group(request.persons, into: &draft)
    }

    /// Grants every conversation to a person.
    package func shareAll(with person: IDHash, owner: IDHash, into draft: inout Draft) throws {
        let registry = OneObject("TopicAppRegistry", [("id", .string("TopicAppRegistry")), ("topics", .map([]))])
        guard let current = try draft.version(of: Microdata.idHash(of: registry, book)) else { return }
        for topic in current.entries("topics").compactMap(\.value.reference) {
            try share(topic, with: [person], owner: owner, into: &draft)
        }
    }

    private func me(in draft: borrowing Draft) throws -> (id: IDHash, object: OneObject)? {
        guard let leute = try draft.version(of: leuteIDHash()), let id = leute.reference("me").map(IDHash.init),
            let object = try draft.version(of: id)
        else { return nil }
        return (id, object)
    }

    /// Moves a person from the contacts to the owner's own identities.
    private func takeOn(_ person: IDHash, profile: IDHash, isMain: Bool, into draft: inout Draft) throws {
        guard var leute = try draft.version(of: leuteIDHash()), var me = try me(in: draft)?.object else {
            throw ObjectError.unreachable
        }
        let key = Value.reference(person.objectHash)
        let profiles = Value.list([.reference(profile.objectHash)])
        me["identities"] = .map(me.entries("identities").filter { $0.key != key } + [.init(key, profiles)])
        if isMain { me["mainProfile"] = .reference(profile.objectHash) }
        try draft.change(me, at: time.now)
        var others: [ObjectHash] = []
        for someone in leute.references("other") {
            guard var object = try draft.version(of: IDHash(someone)) else {
                others.append(someone)
                continue
            }
            let rest = object.entries("identities").filter { $0.key != key }
            if rest.isEmpty { continue }
            others.append(someone)
            object["identities"] = .map(rest)
            try draft.change(object, at: time.now)
        }
        leute["other"] = .list(others.map(Value.reference))
        try draft.change(leute, at: time.now)
    }

    /// Adds the persons to the group of the owner's identities.
    private func group(_ persons: Set<IDHash>, into draft: inout Draft) throws {
        var group = OneObject("Group", [("name", .string(Self.groupName)), ("person", .list([]))])
        let id = try Microdata.idHash(of: group, book)
        group = try draft.version(of: id) ?? group
        let all = Set(group.references("person")).union(persons.map(\.objectHash))
        group["person"] = .list(all.sorted().map(Value.reference))
        try draft.change(group, at: time.now)
        guard var leute = try draft.version(of: leuteIDHash()) else { throw ObjectError.unreachable }
        let groups = leute.references("group")
        guard !groups.contains(id.objectHash) else { return }
        leute["group"] = .list((groups + [id.objectHash]).map(Value.reference))
        try draft.change(leute, at: time.now)
    }
}
