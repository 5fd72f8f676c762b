package import Objects
package import Storage

/// What a new custodian stores about itself, so that ONE.CORE and IoM both recognise it (one-format 3.6, one-protocol 5.1, 7.1).
package struct NewInstance: Sendable {
    package var owner: NewPerson
    package var name: String
    package var keys: Keyring

    package init(owner: NewPerson, name: String, keys: Keyring) {
        (self.owner, self.name, self.keys) = (owner, name, keys)
    }
}

/// The `Instance` object of a device.
package func instanceObject(name: String, owner: IDHash) -> OneObject {
    OneObject(
        "Instance",
        [
            ("name", .string(name)), ("owner", .reference(owner.objectHash)), ("recipe", .list([])),
            ("enabledReverseMapTypes", .map([])), ("enabledReverseMapTypesForIdObjects", .map([])),
        ]
    )
}

extension Author {
    /// Stores owner and instance with their keys, the owner's profile, address book and rights.
    ///
    /// Returns the hashes of the two `Keys` objects, under which the secret keys are sealed.
    package func createCustodian(_ new: NewInstance) throws -> (ownerKeys: ObjectHash, instanceKeys: ObjectHash) {
        try commit { draft in
            let ownerID = try new.owner.id(book)
            let ownerKeys = try draft.add(new.owner.keys.keysObject(owner: ownerID.objectHash)).hash
            let instance = try draft.change(instanceObject(name: new.name, owner: ownerID), at: time.now)
            guard let instanceID = instance.idHash else { throw MicrodataError.invalid("Instance has versions") }
            let instanceKeys = try draft.add(new.keys.keysObject(owner: instanceID.objectHash)).hash
            let endpoint = try draft.add(
                OneObject(
                    "OneInstanceEndpoint",
                    [
                        ("personId", .reference(ownerID.objectHash)), ("instanceId", .reference(instanceID.objectHash)),
                        ("personKeys", .reference(ownerKeys)), ("instanceKeys", .reference(instanceKeys)),
                    ]
                )
            )
            try writeAddressBook(new.owner, ownerID: ownerID, endpoint: endpoint.hash, into: &draft)
            try writeRights(of: ownerID, issuer: ownerID, key: new.owner.keys.sign, into: &draft)
            return (ownerKeys, instanceKeys)
        }
    }

    private func writeAddressBook(
        _ owner: NewPerson,
        ownerID: IDHash,
        endpoint: ObjectHash,
        into draft: inout Draft
    ) throws {
        let profile = try writeProfile(of: owner, endpoint: endpoint, into: &draft)
        let me = try writeSomeone(Self.ownSomeoneID, person: ownerID, profile: profile.idHash, into: &draft)
        let leute = OneObject(
            "Leute",
            [
                ("appId", .string(Self.leuteID)), ("me", .reference(me.objectHash)), ("other", .list([])),
                ("group", .list([])),
            ]
        )
        try draft.change(leute, at: time.now)
    }

    /// Rights of the owner, or of another person the owner is, to say whose keys count (one-protocol 7.1).
    func writeRights(
        of person: IDHash,
        issuer: IDHash,
        key: SignKeyPair,
        into draft: inout Draft
    ) throws {
        let rights = [
            ("RightToDeclareTrustedKeysForEverybodyCertificate", License.rightToDeclareTrustedKeysForEverybody),
            ("RightToDeclareTrustedKeysForSelfCertificate", License.rightToDeclareTrustedKeysForSelf),
        ]
        for (type, license) in rights {
            let license = try draft.add(license)
            let certificate = try draft.add(
                OneObject(
                    type,
                    [("beneficiary", .reference(person.objectHash)), ("license", .reference(license.hash))]
                )
            )
            try sign(certificate.hash, issuer: issuer, key: key, into: &draft)
        }
    }
}
