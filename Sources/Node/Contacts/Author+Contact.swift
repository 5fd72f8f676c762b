package import Objects
package import Peers
package import Storage

extension Author {
    /// Stores what pairing showed of somebody, byte for byte as ONE.CORE does (one-protocol 3.3): who they are, their keys
    /// with the owner's signatures, where they are reached, and that their sign key is trusted.
    ///
    /// What is known of them already stays.
    package func addContact(
        _ peer: PairedPeer,
        someoneID: String,
        owner: IDHash,
        ownerKeys: Keyring,
        into draft: inout Draft
    ) throws {
        let proven = peer.proven
        let person = try draft.addID(of: OneObject("Person", [("email", .string(proven.personEmail))]))
        let instance = try draft.addID(of: instanceObject(name: proven.instanceName, owner: person))
        let personKeys = try draft.add(
            Self.keys(of: person.objectHash, box: proven.personKey, sign: proven.personSignKey)
        )
        let instanceKeys = try draft.add(
            Self.keys(of: instance.objectHash, box: proven.instanceKey, sign: peer.instanceSignKey)
        )
        for keys in [personKeys, instanceKeys] {
            try sign(keys.hash, issuer: owner, key: ownerKeys.sign, into: &draft)
        }
        let endpoint = try draft.add(
            OneObject(
                "OneInstanceEndpoint",
                [
                    ("personId", .reference(person.objectHash)), ("instanceId", .reference(instance.objectHash)),
                    ("personKeys", .reference(personKeys.hash)), ("instanceKeys", .reference(instanceKeys.hash)),
                    ("url", peer.url.map(Value.string)),
                ]
            )
        )
        let signKey = try draft.add(OneObject("SignKey", [("key", .string(Hex.text(proven.personSignKey)))]))
        let profile = try extendProfile(of: person, endpoint: endpoint.hash, signKey: signKey.hash, into: &draft)
        try list(person, profile: profile.idHash, someoneID: someoneID, into: &draft)
        try trust(profile.version, owner: owner, ownerKeys: ownerKeys, into: &draft)
    }

    private static func keys(of owner: ObjectHash, box: [UInt8], sign: [UInt8]) -> OneObject {
        OneObject(
            "Keys",
            [
                ("owner", .reference(owner)), ("publicKey", .string(Hex.text(box))),
                ("publicSignKey", .string(Hex.text(sign))),
            ]
        )
    }

    /// The person's own default profile, with this endpoint and this key in it.
    private func extendProfile(
        of person: IDHash,
        endpoint: ObjectHash,
        signKey: ObjectHash,
        into draft: inout Draft
    ) throws -> (idHash: IDHash, version: ObjectHash) {
        let idHash = try ContactBook.defaultProfile(of: person, by: person, book)
        var profile =
            try draft.version(of: idHash)
            ?? OneObject(
                "Profile",
                [
                    ("profileId", .string(Self.defaultProfileID)), ("personId", .reference(person.objectHash)),
                    ("owner", .reference(person.objectHash)),
                ]
            )
        for (name, added) in [("communicationEndpoint", endpoint), ("personDescription", signKey)] {
            let known = profile.references(name)
            profile[name] = .list((known.contains(added) ? known : known + [added]).map(Value.reference))
        }
        return (idHash, try draft.change(profile, at: time.now).hash)
    }

    /// Puts a person who is in no entry of the address book into a new one.
    private func list(_ person: IDHash, profile: IDHash, someoneID: String, into draft: inout Draft) throws {
        let leuteID = try leuteIDHash()
        guard var leute = try draft.version(of: leuteID) else { throw ObjectError.unreachable }
        let others = leute.references("other")
        for someone in others + [leute.reference("me")].compactMap(\.self) {
            let known = try draft.version(of: IDHash(someone))
            if known?.entries("identities").contains(where: { $0.key == .reference(person.objectHash) }) == true {
                return
            }
        }
        let someone = try writeSomeone(someoneID, person: person, profile: profile, into: &draft)
        leute["other"] = .list((others + [someone.objectHash]).map(Value.reference))
        try draft.change(leute, at: time.now)
    }
}
