import Catalog
import Objects
import Peers
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// Names of people in a group whom the owner has not met.
@Suite struct HearsayTests {
    private let folder = TemporaryDirectory()
    private let node: Node

    init() throws {
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
        node = try Node(root: path, secret: .success("secret"), surroundings: AuthorTests.surroundings())
    }

    private func person(_ number: UInt8) -> IDHash { IDHash(ObjectHash(of: [number])) }

    /// A profile as it comes with somebody's message: an object, and no version of anything.
    private func hear(_ name: String, of person: IDHash, by author: IDHash? = nil) throws {
        try node.author.commit { draft in
            let name = try draft.add(OneObject("PersonName", [("name", .string(name))]))
            try draft.add(
                OneObject(
                    "Profile",
                    [
                        ("profileId", .string("default")), ("personId", .reference(person.objectHash)),
                        ("owner", .reference((author ?? person).objectHash)), ("communicationEndpoint", .list([])),
                        ("personDescription", .list([.reference(name.hash)])),
                    ]
                )
            )
        }
    }

    private func meet(_ name: String, _ email: String) throws -> IDHash {
        let identity = try node.requireIdentity()
        let keys = try #require(identity.ownerKeys)
        return try node.author.commit { draft in
            try node.author.addContact(
                NewPerson(email: email, name: name, keys: Keyring(random: SeededRandom(seed: 3))),
                someoneID: email,
                owner: identity.ownerID,
                ownerKeys: keys,
                into: &draft
            )
        }
    }

    private func name(_ person: IDHash) throws -> String { try node.catalog.displayName(of: person) }

    @Test func `Somebody unknown is called as the profile says that came along`() throws {
        let kim = person(1)
        #expect(try name(kim) == kim.hex)
        try hear("Kim by Bob", of: kim, by: person(2))
        #expect(try name(kim) == "Kim by Bob")
        try hear("Kim Oda", of: kim)
        #expect(try name(kim) == "Kim Oda")
        // It makes nobody a contact, and no key counts.
        #expect(try node.catalog.contacts().isEmpty)
        #expect(try node.catalog.trustedKeys(of: kim).isEmpty)
        #expect(try node.contactBook.endpoints().filter { $0.personID == kim }.isEmpty)
    }

    @Test func `Nobody unknown is called as somebody who is known, whoever comes first`() throws {
        let bob = try meet("Bob", "bob@fixture.test")
        let (first, second, me) = (person(3), person(4), person(5))
        try hear("Bob", of: first)
        try hear("Carol", of: second)
        try hear("Alice", of: me)
        #expect(try name(bob) == "Bob")
        #expect(try name(first) == "Bob ~\(first.hex.prefix(8))")
        #expect(try name(me) == "Alice ~\(me.hex.prefix(8))")
        #expect(try name(second) == "Carol")
        let carol = try meet("Carol", "carol@fixture.test")
        #expect(try name(carol) == "Carol")
        #expect(try name(second) == "Carol ~\(second.hex.prefix(8))")
        // Who is known is called by what they say themselves.
        try hear("Robert", of: bob, by: second)
        #expect(try name(bob) == "Bob")
    }

    @Test func `Of two unknown with one name one has it, in whatever order they come`() throws {
        let persons = [person(6), person(7)].sorted()
        for person in persons.reversed() { try hear("Dan", of: person) }
        #expect(try name(persons[0]) == "Dan")
        #expect(try name(persons[1]) == "Dan ~\(persons[1].hex.prefix(8))")
    }

    @Test func `Of two contacts with one name, a command asks which, and takes what it shows of the id`() throws {
        for email in ["bob@fixture.test", "bob@rig.test"] { _ = try meet("Bob", email) }
        let contacts = try node.catalog.contacts()
        #expect(contacts.count == 2)
        do {
            _ = try node.contact(named: "bob")
            Issue.record("one of them was taken")
        } catch let error as CommandError {
            for contact in contacts { #expect(error.message.contains(String(contact.someone.hex.prefix(16)))) }
        }
        for contact in contacts {
            #expect(try node.contact(named: String(contact.someone.hex.prefix(16))).someone == contact.someone)
        }
        #expect(try node.contact(named: "bob@rig.test").identities.first?.email == "bob@rig.test")
    }
}
