import Objects
import Peers
import Storage
import TestSupport
import Testing

@testable import Node

/// What counts of that which profiles say about keys and instances.
@Suite struct ContactBookTests {
    private let folder = TemporaryDirectory()
    private let node: Node
    private let owner: IDHash
    private let ownerKeys: Keyring

    init() throws {
        node = try AuthorTests.custodian(folder).node
        owner = try node.requireIdentity().ownerID
        ownerKeys = try #require(try node.requireIdentity().ownerKeys)
    }

    /// Somebody as pairing shows them; with keys made of the seed.
    private func peer(_ email: String, seed: UInt64) throws -> PairedPeer {
        let random = SeededRandom(seed: seed)
        let (person, instance) = (Keyring(random: random), Keyring(random: random))
        let own = try OwnPerson(email: email, box: person.box, signKey: person.sign.publicKey, instanceName: "node")
        let proven = ProvenPeer(
            personID: own.personID,
            personEmail: email,
            personKey: person.box.publicKey,
            personSignKey: person.sign.publicKey,
            instanceID: own.instanceID,
            instanceName: "node",
            instanceKey: instance.box.publicKey
        )
        return PairedPeer(proven: proven, instanceSignKey: instance.sign.publicKey, url: nil)
    }

    private func add(_ peer: PairedPeer) throws {
        try node.author.commit { draft in
            try node.author.addContact(
                peer,
                someoneID: peer.proven.personEmail,
                owner: owner,
                ownerKeys: ownerKeys,
                into: &draft
            )
        }
    }

    /// The `Keys` object of an instance or a person.
    private func keys(of owner: IDHash, _ box: [UInt8], _ sign: [UInt8]) -> OneObject {
        OneObject(
            "Keys",
            [
                ("owner", .reference(owner.objectHash)), ("publicKey", .string(Hex.text(box))),
                ("publicSignKey", .string(Hex.text(sign))),
            ]
        )
    }

    /// Adds an endpoint to a person's own profile, as a version of it from that person would.
    private func claim(
        in profileOf: PairedPeer,
        person: IDHash,
        instance: IDHash,
        personKeys: ObjectHash,
        instanceKeys: ObjectHash
    ) throws {
        let author = profileOf.proven.personID
        let profileID = try ContactBook.defaultProfile(of: author, by: author, .standard)
        try node.author.commit { draft in
            let endpoint = try draft.add(
                OneObject(
                    "OneInstanceEndpoint",
                    [
                        ("personId", .reference(person.objectHash)), ("instanceId", .reference(instance.objectHash)),
                        ("personKeys", .reference(personKeys)), ("instanceKeys", .reference(instanceKeys)),
                    ]
                )
            )
            var profile = try #require(try draft.version(of: profileID))
            let known = profile.references("communicationEndpoint")
            profile["communicationEndpoint"] = .list((known + [endpoint.hash]).map(Value.reference))
            try draft.change(profile, at: node.time.now)
        }
    }

    @Test func `Nobody's profile says anything about somebody else's keys`() throws {
        let (bob, mallory) = (try peer("bob@rig.test", seed: 1), try peer("mallory@rig.test", seed: 2))
        try add(bob)
        try add(mallory)
        let random = SeededRandom(seed: 3)
        let (falseKeys, falseInstance) = (Keyring(random: random), Keyring(random: random))
        let (hers, his) = try node.author.commit { draft in
            (
                try draft.add(keys(of: bob.proven.personID, falseKeys.box.publicKey, falseKeys.sign.publicKey)).hash,
                try draft.add(
                    keys(of: bob.proven.instanceID, falseInstance.box.publicKey, falseInstance.sign.publicKey)
                ).hash
            )
        }
        let before = try node.contactBook.endpoints()
        // Bob with other keys; Mallory with keys that are said to be Bob's; Mallory's own person with Bob's instance.
        try claim(
            in: mallory,
            person: bob.proven.personID,
            instance: bob.proven.instanceID,
            personKeys: hers,
            instanceKeys: his
        )
        try claim(
            in: mallory,
            person: mallory.proven.personID,
            instance: mallory.proven.instanceID,
            personKeys: hers,
            instanceKeys: his
        )
        #expect(try node.contactBook.endpoints() == before)
        #expect(try node.contactBook.endpoints(ofInstanceKey: falseInstance.box.publicKey).isEmpty)
        for peer in [bob, mallory] {
            let known = try node.contactBook.personKeys(of: peer.proven.personID)
            #expect(known.map(\.publicKey) == [peer.proven.personKey])
        }
    }

    @Test func `A further instance of a contact is known when its profile says so`() throws {
        let bob = try peer("bob@rig.test", seed: 1)
        try add(bob)
        let second = Keyring(random: SeededRandom(seed: 4))
        let person = bob.proven.personID
        let instance = try Microdata.idHash(of: instanceObject(name: "tablet", owner: person), .standard)
        let hashes = try node.author.commit { draft in
            [
                try draft.add(keys(of: person, second.box.publicKey, second.sign.publicKey)).hash,
                try draft.add(keys(of: instance, second.box.publicKey, second.sign.publicKey)).hash,
            ]
        }
        try claim(in: bob, person: person, instance: instance, personKeys: hashes[0], instanceKeys: hashes[1])
        #expect(try node.contactBook.endpoints(ofInstanceKey: second.box.publicKey).map(\.instanceID) == [instance])
        #expect(try node.contactBook.personKeys(of: person).count == 2)
    }

    @Test func `Where a part of a profile is not here, its person is not taken for a stranger`() throws {
        let (bob, carol) = (try peer("bob@rig.test", seed: 1), try peer("carol@rig.test", seed: 2))
        try add(bob)
        try add(carol)
        let person = bob.proven.personID
        let missing = ObjectHash(of: Array("keys that are elsewhere".utf8))
        try claim(
            in: bob,
            person: person,
            instance: bob.proven.instanceID,
            personKeys: missing,
            instanceKeys: missing
        )
        #expect(throws: ObjectError.unreachable) { try node.contactBook.personKeys(of: person) }
        // The others are not affected.
        #expect(try node.contactBook.personKeys(of: carol.proven.personID).count == 1)
        #expect(try node.contactBook.personKeys(of: IDHash(missing)).isEmpty)
    }
}
