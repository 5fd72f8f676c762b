package import Objects
package import Storage

/// A person with keys, as this instance writes about them: the owner, or an invented contact.
package struct NewPerson: Sendable {
    package var email: String
    package var name: String
    package var keys: Keyring

    package init(email: String, name: String, keys: Keyring) {
        (self.email, self.name, self.keys) = (email, name, keys)
    }

    var object: OneObject { OneObject("Person", [("email", .string(email))]) }

    package func id(_ book: RecipeBook) throws -> IDHash {
        IDHash(ObjectHash(of: try Microdata.idBytes(of: object, book)))
    }
}

extension Author {
    static let defaultProfileID = "default"
    static let ownSomeoneID = "me"
    static let leuteID = "one.leute"

    /// A person's default profile with their name and keys (one-protocol 5.1); returns its ID hash and version.
    func writeProfile(
        of person: NewPerson,
        endpoint: ObjectHash?,
        into draft: inout Draft
    ) throws -> (idHash: IDHash, version: ObjectHash) {
        let personID = try person.id(book)
        try draft.change(person.object, at: time.now)
        let descriptions = try [
            draft.add(OneObject("SignKey", [("key", .string(Hex.text(person.keys.sign.publicKey)))])).hash,
            draft.add(OneObject("PersonName", [("name", .string(person.name))])).hash,
        ]
        let profile = OneObject(
            "Profile",
            [
                ("profileId", .string(Self.defaultProfileID)), ("personId", .reference(personID.objectHash)),
                ("owner", .reference(personID.objectHash)),
                ("communicationEndpoint", .list([endpoint].compactMap { $0.map(Value.reference) })),
                ("personDescription", .list(descriptions.map(Value.reference))),
            ]
        )
        let encoded = try draft.change(profile, at: time.now)
        guard let idHash = encoded.idHash else { throw MicrodataError.invalid("Profile has versions") }
        return (idHash, encoded.hash)
    }

    /// A `Someone` with one identity; returns its ID hash.
    func writeSomeone(
        _ someoneID: String,
        person: IDHash,
        profile: IDHash,
        into draft: inout Draft
    ) throws -> IDHash {
        let someone = OneObject(
            "Someone",
            [
                ("someoneId", .string(someoneID)), ("mainProfile", .reference(profile.objectHash)),
                (
                    "identities",
                    .map([.init(.reference(person.objectHash), .list([.reference(profile.objectHash)]))])
                ),
            ]
        )
        guard let idHash = try draft.change(someone, at: time.now).idHash else {
            throw MicrodataError.invalid("Someone has versions")
        }
        return idHash
    }

    /// Adds somebody to the contacts, with keys the owner trusts (one-protocol 3.3).
    @discardableResult
    package func addContact(
        _ person: NewPerson,
        someoneID: String,
        owner: IDHash,
        ownerKeys: Keyring,
        into draft: inout Draft
    ) throws -> IDHash {
        let personID = try person.id(book)
        let profile = try writeProfile(of: person, endpoint: nil, into: &draft)
        let someone = try writeSomeone(someoneID, person: personID, profile: profile.idHash, into: &draft)
        try trust(profile.version, owner: owner, ownerKeys: ownerKeys, into: &draft)
        let leuteID = try leuteIDHash()
        guard var leute = try draft.version(of: leuteID) else {
            throw ObjectError.unreachable
        }
        var others: [Value] = []
        if case .list(let list)? = leute["other"] { others = list }
        if !others.contains(.reference(someone.objectHash)) { others.append(.reference(someone.objectHash)) }
        leute["other"] = .list(others)
        try draft.change(leute, at: time.now)
        return personID
    }

    /// A `TrustKeysCertificate` of the owner about one version of a profile.
    func trust(_ profile: ObjectHash, owner: IDHash, ownerKeys: Keyring, into draft: inout Draft) throws {
        let license = try draft.add(License.trustKeys)
        let certificate = try draft.add(
            OneObject(
                "TrustKeysCertificate",
                [("profile", .reference(profile)), ("license", .reference(license.hash))]
            )
        )
        try sign(certificate.hash, issuer: owner, key: ownerKeys.sign, into: &draft)
    }

    @discardableResult
    func sign(_ hash: ObjectHash, issuer: IDHash, key: SignKeyPair, into draft: inout Draft) throws -> EncodedObject {
        try draft.add(
            OneObject(
                "Signature",
                [
                    ("issuer", .reference(issuer.objectHash)), ("data", .reference(hash)),
                    ("signature", .string(Hex.text(key.sign(Array(hash.hex.utf8))))),
                ]
            )
        )
    }

    func leuteIDHash() throws -> IDHash {
        let leute = OneObject("Leute", [("appId", .string(Self.leuteID))])
        return IDHash(ObjectHash(of: try Microdata.idBytes(of: leute, book)))
    }
}
