import Objects
import Testing

@testable import Peers

/// Who is at the other end: proven, and compared with what is known.
@Suite struct IdentificationTests {
    private let alice: TestPerson
    private let bob: TestPerson
    private let mallory: TestPerson

    init() throws {
        alice = try TestPerson("alice@rig.test", instance: "alice-node", seed: 1)
        bob = try TestPerson("bob@rig.test", instance: "bob-node", seed: 2)
        mallory = try TestPerson("mallory@rig.test", seed: 3)
    }

    @Test func `Both sides learn person and instance of the other`() throws {
        var pair = IdentificationPair(alice, bob)
        let (acceptorSees, initiatorSees) = try pair.run()
        let expected = { (person: TestPerson) in
            ProvenPeer(
                personID: person.own.personID,
                personEmail: person.own.email,
                personKey: person.own.box.publicKey,
                personSignKey: person.own.signKey,
                instanceID: person.own.instanceID,
                instanceName: person.own.instanceName,
                instanceKey: person.instanceBox.publicKey
            )
        }
        #expect(acceptorSees == expected(alice))
        #expect(initiatorSees == expected(bob))
        #expect(throws: PeerError.self) { _ = try pair.initiator.receive(.text("more"), random: pair.random) }
    }

    @Test func `The ids are those of the vectors`() throws {
        let own = try OwnPerson(
            email: "alice@fixture.test",
            box: BoxKeyPair(random: SeededRandom(seed: 1)),
            signKey: [],
            instanceName: "node"
        )
        #expect(own.personID.hex == "7e2b18e60f6449a88220820258270a1a75c3d65e9350c369eba89a2fb1f373b1")
        #expect(own.instanceID.hex == "be5d7965d2fb955d49844eddce8a29130724a8be4adc7bdeae945bb8521ed168")
    }

    @Test func `The challenge is the one of the vectors`() throws {
        struct Vectors: Decodable {
            struct Box: Decodable { var precomputedSharedKey: String }
            struct Challenge: Decodable { var challenge, sealedChallenge, expectedAnswerPlain: String }
            var box: Box
            var challenge: Challenge
        }
        let vectors = try Fixtures.vectors(Vectors.self)
        let shared = try #require(SharedKey(bytes: bytes(vectors.box.precomputedSharedKey)))
        let sealed = bytes(vectors.challenge.sealedChallenge)
        let nonce = RecordedRandom([bytes(vectors.challenge.challenge), Array(sealed.prefix(24))])
        let (challenge, message) = Challenge.make(shared, nonce)
        #expect(message == .binary(sealed))
        let answer = try Challenge.answer(.binary(sealed), shared, SeededRandom(seed: 1))
        guard case .binary(let answered) = answer else { return }
        #expect(shared.open(answered) == bytes(vectors.challenge.expectedAnswerPlain))
        try Challenge.check(answer, challenge, shared)
        // The challenge itself, or an answer sealed by somebody else, is none.
        #expect(throws: PeerError.self) { try Challenge.check(message, challenge, shared) }
        let other = try #require(SharedKey(bytes: [UInt8](repeating: 1, count: 32)))
        #expect(throws: PeerError.self) {
            try Challenge.check(.binary(other.seal(challenge.map(~), random: SeededRandom(seed: 2))), challenge, shared)
        }
    }

    /// What the initiator changes in the messages it sends, by their number, and what it hears for it.
    private static let lies: [(number: Int, old: String, new: String, reason: String)] = [
        (0, "person_id_object", "person", "expected person_id_object"),
        (0, "Person", "Instance", "expected person_id_object"),
        (0, "alice@rig.test", "", "an email or a name is empty, too long, or cannot be shown"),
        (0, "alice@rig.test", "a\u{202E}lice", "an email or a name is empty, too long, or cannot be shown"),
        (
            0, "alice@rig.test", String(repeating: "a", count: 2_000),
            "an email or a name is empty, too long, or cannot be shown"
        ),
        (0, "alice@rig.test", String(repeating: "a", count: 20_000), "expected person_id_object"),
        (0, "alice@rig.test", "bob@rig.test", "the keys are of another person"),
        (1, "keys_object", "keys", "expected keys_object"),
        (1, "publicSignKey", "signKey", "keys without an owner or a key"),
        (1, "\"publicKey\":\"", "\"publicKey\":\"00", "a public key is not one"),
        (4, "alice-node", "", "an email or a name is empty, too long, or cannot be shown"),
        (4, "alice-node", "a\u{202E}lice", "an email or a name is empty, too long, or cannot be shown"),
        (4, "instance_id_object", "keys_object", "expected instance_id_object"),
    ]

    @Test(arguments: ["Ann’s phone 👩\u{200D}💻", "می\u{200C}خواهم", "a&b <c>", "名前"])
    func `A device is called what its owner calls it`(_ name: String) throws {
        let phone = try TestPerson("ann@rig.test", instance: name, seed: 9)
        var pair = IdentificationPair(phone, bob)
        #expect(try pair.run().acceptorSees?.instanceName == name)
    }

    @Test func `A lie ends it with one reason`() throws {
        for lie in Self.lies {
            var pair = IdentificationPair(alice, bob)
            #expect(throws: PeerError.violated(lie.reason), "\(lie)") {
                try pair.run { number, message in
                    number == lie.number ? message.replacing(lie.old, with: lie.new) : message
                }
            }
        }
        var pair = IdentificationPair(alice, bob)
        let (own, others) = (alice.own.personID.hex, mallory.own.personID.hex)
        #expect(throws: PeerError.violated("the instance is another person's")) {
            try pair.run { $0 == 4 ? $1.replacing(own, with: others) : $1 }
        }
    }

    @Test func `Whoever has not the secret half of a key is not believed`() throws {
        // Mallory says to be Alice, with Alice's public key.
        let unproven = PeerError.refused("the other side does not have the person's key it claims")
        let (real, fake) = (Hex.text(alice.own.box.publicKey), Hex.text(mallory.own.box.publicKey))
        var pair = IdentificationPair(try impostor(of: alice), bob)
        #expect(throws: unproven) { try pair.run { $0 == 1 ? $1.replacing(fake, with: real) : $1 } }
        // Nor whoever answers with the wrong bytes, or none.
        for answer in [WireMessage.binary(SeededRandom(seed: 4).bytes(104))] {
            var pair = IdentificationPair(alice, bob)
            #expect(throws: unproven) { try pair.run { $0 == 2 ? answer : $1 } }
        }
        for answer in [WireMessage.binary([]), .text("")] {
            var pair = IdentificationPair(alice, bob)
            #expect(throws: PeerError.violated("expected a challenge")) { try pair.run { $0 == 2 ? answer : $1 } }
        }
        // A challenge that comes back as it went.
        var echo = IdentificationPair(alice, bob)
        var challenge: WireMessage?
        #expect(throws: PeerError.self) {
            _ = echo.acceptor.start()
            _ = try echo.acceptor.receive(echo.initiator.start()[0], random: echo.random)
            let keys = try echo.initiator.receive(IdentificationMessage.person(bob.own), random: echo.random).messages
            challenge = try echo.acceptor.receive(keys[0], random: echo.random).messages[0]
            _ = try echo.acceptor.receive(try #require(challenge), random: echo.random)
        }
        #expect(challenge != nil)
    }

    /// Somebody with other keys, who uses the same email.
    private func impostor(of person: TestPerson) throws -> TestPerson {
        try TestPerson(person.own.email, instance: person.own.instanceName, seed: 3)
    }

    @Test func `A weak key is refused`() throws {
        var pair = IdentificationPair(alice, bob)
        let key = Hex.text(alice.own.box.publicKey)
        #expect(throws: PeerError.violated("a weak public key")) {
            try pair.run { $0 == 1 ? $1.replacing(key, with: String(repeating: "0", count: 64)) : $1 }
        }
    }

    @Test func `A known person comes with the keys it had, whatever instance it uses`() throws {
        let pinned = PeerError.refused("Key does not match your previous visit")
        bob.know(alice)
        var pair = IdentificationPair(alice, bob)
        #expect(try pair.run().acceptorSees?.personID == alice.own.personID)
        var other = IdentificationPair(try impostor(of: alice), bob)
        #expect(throws: pinned) { try other.run() }
        // Also when the sign key alone is another one.
        let carol = try TestPerson("carol@rig.test", seed: 5)
        carol.know(alice, signKey: mallory.own.signKey)
        var third = IdentificationPair(alice, carol)
        #expect(throws: pinned) { try third.run() }
        // And where the other side dials.
        var dialled = IdentificationPair(bob, try impostor(of: alice))
        #expect(throws: pinned) { try dialled.run() }
    }

    @Test func `A known instance key is its person's and its instance's alone`() throws {
        bob.know(mallory, instanceKey: alice.instanceBox.publicKey)
        var pair = IdentificationPair(alice, bob)
        #expect(throws: PeerError.refused("this instance is known to be somebody else's")) { try pair.run() }
        let carol = try TestPerson("carol@rig.test", seed: 5)
        carol.know(alice, instanceID: mallory.own.instanceID)
        var other = IdentificationPair(alice, carol)
        #expect(throws: PeerError.refused("this key is known to be another instance's")) { try other.run() }
    }

    @Test func `Strangers can be kept out before they see anything`() throws {
        let pair = IdentificationPair(alice, bob)
        #expect(throws: PeerError.refused("this instance is not known here: pair first")) {
            try pair.acceptor.requireKnownInstance()
        }
        bob.know(alice)
        try pair.acceptor.requireKnownInstance()
    }

    @Test func `Bytes at random never get further than an error`() throws {
        let random = SeededRandom(seed: 9)
        for _ in 0..<500 {
            var exchange = IdentificationPair(alice, bob).acceptor
            _ = try exchange.receive(IdentificationMessage.person(alice.own), random: random)
            let count = Int(random.number(below: 200))
            let noise = random.bytes(count)
            let message: WireMessage =
                noise.count.isMultiple(of: 2) ? .binary(noise) : .text(String(decoding: noise, as: UTF8.self))
            #expect(throws: PeerError.self) { _ = try exchange.receive(message, random: random) }
        }
    }
}
