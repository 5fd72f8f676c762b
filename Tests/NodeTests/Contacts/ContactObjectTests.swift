import Catalog
import Objects
import Peers
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// What pairing stores, and what is granted: byte for byte what ONE.CORE writes.
@Suite struct ContactObjectTests {
    /// The instance of the fixture's Alice, with her keys.
    private func alice(_ home: Household) async throws -> Node {
        let path = home.directory.appending("alice")
        let adopting = Adopting(
            base: Household.aliceStore,
            root: path,
            instance: nil,
            secret: "alice-secret",
            newSecret: "secret",
            usesLinks: false
        )
        _ = try await adopting.run(AuthorTests.surroundings()) { _, _ in }
        return try Node(root: path, secret: .success("secret"), surroundings: AuthorTests.surroundings())
    }

    /// What the reference stored about Bob and Carol, as they must have said it when they paired.
    private func identities(in node: Node) throws -> [PairedPeer] {
        let names = [("bob@fixture.test", "fx-bob-node"), ("carol@fixture.test", "fx-carol-node")]
        return try names.map { email, instance in
            let person = try Microdata.idHash(of: OneObject("Person", [("email", .string(email))]), .standard)
            let endpoint = try #require(try node.contactBook.endpoints().first { $0.personID == person })
            let keys = try #require(try node.contactBook.personKeys(of: person).first)
            let proven = ProvenPeer(
                personID: person,
                personEmail: email,
                personKey: keys.publicKey,
                personSignKey: keys.publicSignKey,
                instanceID: endpoint.instanceID,
                instanceName: instance,
                instanceKey: endpoint.instanceKey
            )
            return PairedPeer(proven: proven, instanceSignKey: try signKey(of: endpoint, in: node), url: endpoint.url)
        }
    }

    private func signKey(of endpoint: KnownEndpoint, in node: Node) throws -> [UInt8] {
        for hash in [
            "271619aa29580645829c8e4e8c559f650f740cbd814b9ffa05be158b81510eff",
            "d6a436d492689dca705fb30c53e5ac48957c93a502b7e29e0da312b5dc97fc85",
        ] {
            let keys = try node.author.versions.object(try #require(ObjectHash(hex: hash)))
            if keys.reference("owner") == endpoint.instanceID.objectHash {
                return try #require(keys.text("publicSignKey").flatMap { Hex.bytes($0) })
            }
        }
        throw ObjectError.unknown
    }

    @Test func `Every object about a contact is the one the reference made`() async throws {
        try await Household.with { home in
            let node = try await alice(home)
            let identity = try node.requireIdentity()
            for peer in try identities(in: node) {
                // As it was before they paired.
                let profile = try ContactBook.defaultProfile(
                    of: peer.proven.personID,
                    by: peer.proven.personID,
                    .standard
                )
                let leute = try node.author.leuteIDHash()
                let earlier = Earlier(now: node.author.versions, unknown: [profile], firstOnly: [leute])
                var draft = Draft(book: .standard, current: earlier)
                try node.author.addContact(
                    peer,
                    someoneID: "someone",
                    owner: identity.ownerID,
                    ownerKeys: try #require(identity.ownerKeys),
                    into: &draft
                )
                var counts: [String: Int] = [:]
                for object in draft.objects where !Self.isNew(object.object.type) {
                    #expect(try node.store.contains(object.hash), "\(object.object)")
                    counts[object.object.type, default: 0] += 1
                }
                for bytes in draft.idObjects { #expect(try node.store.contains(ObjectHash(of: bytes))) }
                let expected = [
                    "Keys": 2, "Signature": 3, "OneInstanceEndpoint": 1, "SignKey": 1, "Profile": 1, "License": 1,
                    "TrustKeysCertificate": 1,
                ]
                #expect(counts == expected)
                #expect(draft.idObjects.count == 2)
                #expect(draft.objects.contains { $0.object.type == "Someone" })
            }
        }
    }

    /// What has a random id or a time in it.
    private static func isNew(_ type: String) -> Bool {
        type == "Someone" || type == "Leute" || type.hasPrefix("VersionNode")
    }

    @Test func `Pairing with who is known already changes nothing but what is new`() async throws {
        try await Household.with { home in
            let node = try await alice(home)
            let identity = try node.requireIdentity()
            let peer = try identities(in: node)[0]
            let heads = try Set(node.catalog.contacts().map(\.someone))
            try node.author.commit { draft in
                try node.author.addContact(
                    peer,
                    someoneID: "another",
                    owner: identity.ownerID,
                    ownerKeys: try #require(identity.ownerKeys),
                    into: &draft
                )
                #expect(draft.heads.isEmpty)
            }
            #expect(try Set(node.catalog.contacts().map(\.someone)) == heads)
            #expect(try node.catalog.contacts().contains { $0.displayName == "Bob Baumeister" })
        }
    }

    @Test func `Whom the reference has paired with is known with key and instance`() async throws {
        try await Household.with { home in
            let node = try await alice(home)
            let endpoints = try node.contactBook.endpoints()
            // Alice herself, Bob and Carol; Dave has no instance.
            #expect(Set(endpoints.map { $0.instanceID.hex.prefix(8) }) == ["9ae4744b", "ec138924", "556c6beb"])
            let bob = try #require(endpoints.first { $0.instanceID.hex.hasPrefix("ec138924") })
            #expect(try node.contactBook.endpoints(ofInstanceKey: bob.instanceKey) == [bob])
            #expect(try node.contactBook.endpoints(ofInstanceKey: [1]).isEmpty)
            #expect(
                try node.contactBook.personKeys(of: bob.personID).map { Hex.text($0.publicKey.prefix(4)) } == [
                    "c364d3de"
                ]
            )
        }
    }

    @Test func `The conversation of two and its grants are those of the reference`() throws {
        let folder = TemporaryDirectory()
        let path = folder.path.appending("box")
        try Founding(
            root: path,
            secret: "secret",
            name: "box",
            role: .archive,
            deviceType: "server",
            ownerName: "Alice",
            ownerEmail: "alice@fixture.test"
        ).run(AuthorTests.surroundings())
        let node = try Node(root: path, secret: .success("secret"), surroundings: AuthorTests.surroundings())
        let owner = try node.requireIdentity().ownerID
        let bob = try Microdata.idHash(of: OneObject("Person", [("email", .string("bob@fixture.test"))]), .standard)
        let topic = try node.author.commit { try node.author.pairTopic(of: owner, with: bob, into: &$0) }
        #expect(topic.hex.hasPrefix("8e69536605"))
        func current(_ id: String) throws -> String? {
            let idHash = try #require(IDHash(hex: id))
            return try node.author.versions.current(idHash).map { try EncodedObject($0, .standard).hash.hex }
        }
        let access = "d5446149728e2eafb213d26051b1e281bc5199671791fbd26241ff39561333df"
        let idAccess = "0b5836d4cf63eab43d228c2143c94b362fc338e2c2c0a3f7f49bf187c25d18f5"
        #expect(try current(access) == "9a3d5c7e4e2055ef73c02e46e69836201be82c1c0dd07a14fe99499132a6d2d8")
        #expect(try current(idAccess)?.hasPrefix("506b047c01") == true)
        // Again it writes nothing.
        try node.author.commit { draft in
            _ = try node.author.pairTopic(of: owner, with: bob, into: &draft)
            #expect(draft.heads.isEmpty)
        }
        // More are added, and one is taken back; nobody is left of nobody.
        let carol = IDHash(ObjectHash(of: [1]))
        func granted() throws -> Set<IDHash> {
            try node.author.commit { try node.author.persons(granted: .object(topic), in: $0) }
        }
        try node.author.commit { try node.author.share(topic, with: [carol], owner: owner, into: &$0) }
        #expect(try granted() == [owner, bob, carol])
        for person in [carol, bob, owner] {
            try node.author.commit { try node.author.unshare(topic, with: person, owner: owner, into: &$0) }
        }
        #expect(try granted().isEmpty)
        #expect(try current(access) != nil)
    }
}

/// Versions as they were before some things were known.
private struct Earlier: VersionReader {
    let now: StoredVersions
    /// Things nobody knew.
    let unknown: Set<IDHash>
    /// Things of which there was the first version only.
    let firstOnly: Set<IDHash>

    func head(of idHash: IDHash) throws -> ObjectHash? {
        guard !unknown.contains(idHash), var head = try now.head(of: idHash) else { return nil }
        guard firstOnly.contains(idHash) else { return head }
        while let node = VersionNode(object: try now.object(head)), case .change(let previous?) = node.link {
            head = previous
        }
        return head
    }

    func object(_ hash: ObjectHash) throws -> OneObject { try now.object(hash) }
}
