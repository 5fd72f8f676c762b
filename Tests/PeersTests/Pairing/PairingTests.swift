import Objects
import Testing

@testable import Peers

/// Pairing after identification: the token, and what each side says of itself.
@Suite(.timeLimit(.minutes(2))) struct PairingTests {
    private let alice: TestPerson
    private let bob: TestPerson
    private let token = Invitation.makeToken(random: SeededRandom(seed: 7))

    init() throws {
        alice = try TestPerson("alice@rig.test", instance: "alice-node", seed: 1)
        bob = try TestPerson("bob@rig.test", instance: "bob-node", seed: 2)
    }

    /// Bob follows Alice's invitation; what ended it, if it failed for him.
    private func pair(_ token: String, _ bob: TestPerson) async throws -> PeerError? {
        let (near, far) = MemoryTransport.pair()
        return await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await alice.peering.accept(far, groups: [alice.group()]) }
            do throws(PeerError) {
                let key = alice.instanceBox.publicKey
                try await bob.peering.dial(near, target: key, group: bob.group(token: token))
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func `Both store each other, once`() async throws {
        alice.invite(token)
        #expect(try await pair(token, bob) == nil)
        #expect(alice.met.map(\.proven.personID) == [bob.own.personID])
        #expect(bob.met.map(\.proven.personID) == [alice.own.personID])
        #expect(alice.met[0].url == "ws://192.0.2.1:8765")
        #expect(alice.met[0].instanceSignKey == bob.identity.instanceSignKey)
        #expect(alice.failures.isEmpty && bob.failures.isEmpty)
        // The same token again.
        alice.invite("another")
        #expect(try await pair(token, bob) == .closed("unknown invitation"))
        #expect(alice.met.count == 1 && bob.met.count == 1)
        #expect(alice.failures == [.refused("unknown invitation")])
    }

    /// As one version of the reference dials for pairing: with the key of the person.
    @Test func `Who pairs with the key of the person is met with the instance key it names`() async throws {
        alice.invite(token)
        let (near, far) = MemoryTransport.pair()
        let error = await withTaskGroup(of: Void.self) { tasks -> PeerError? in
            tasks.addTask { try? await alice.peering.accept(far, groups: [alice.group()]) }
            let peering = Peering(identity: bob.own.box, timekeeper: SystemTime(), random: SystemRandom())
            do throws(PeerError) {
                let key = alice.instanceBox.publicKey
                try await peering.dial(near, target: key, group: bob.group(token: token))
                return nil
            } catch {
                return error
            }
        }
        #expect(error == nil)
        #expect(alice.met.map(\.proven.instanceKey) == [bob.instanceBox.publicKey])
        #expect(alice.met.map(\.proven.instanceID) == [bob.own.instanceID] && alice.failures.isEmpty)
    }

    @Test func `While nobody is invited nothing is shown`() async throws {
        #expect(try await pair(token, bob) == .closed("nobody is invited"))
        #expect(alice.failures == [.refused("nobody is invited")])
        #expect(alice.met.isEmpty && bob.met.isEmpty)
    }

    @Test func `What one side cannot store the other does not keep`() async throws {
        alice.invite(token)
        let unwanted = try TestPerson("unwanted@rig.test", seed: 4)
        #expect(try await pair(token, unwanted) == .closed("the disk is full"))
        #expect(alice.met.isEmpty && unwanted.met.isEmpty)
    }

    @Test func `One does not pair with oneself`() async throws {
        alice.invite(token)
        let own = try TestPerson("alice@rig.test", instance: "other", seed: 5)
        let error = try await pair(token, own)
        // Either side may be the first to notice.
        #expect(error?.reason == "both sides are the same person: a device of one's own joins by `iom invite`")
    }

    /// Stops after so many messages of its own, and waits for the end.
    private struct Mute: ConnectionGroup {
        let person: TestPerson
        let messageCount: Int
        let isSilent = OneShot<Void>()
        let name = PairingGroup.groupName

        func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
            let messages = [IdentificationMessage.person(person.own), IdentificationMessage.keys(person.own)]
            for message in messages.prefix(messageCount) { try await connection.send(message) }
            isSilent.fulfil(())
            while true { _ = try await incoming.next() }
        }
    }

    @Test(arguments: 0...2) func `Who falls silent is not waited for`(_ messageCount: Int) async throws {
        alice.invite(token)
        let (near, far) = MemoryTransport.pair()
        let time = ManualTime()
        let peering = Peering(identity: alice.instanceBox, timekeeper: time, random: SystemRandom())
        let mute = Mute(person: bob, messageCount: messageCount)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try? await bob.peering.dial(near, target: alice.instanceBox.publicKey, group: mute)
            }
            tasks.addTask {
                _ = await (alice.isAsked.value(), mute.isSilent.value())
                // The limit of strangers, and the watch of the connection.
                await time.sleepers(2)
                time.advance(by: Peering.handshakeTimeMax)
            }
            await #expect(throws: PeerError.timedOut("the handshake took too long")) {
                try await peering.accept(far, groups: [alice.group()])
            }
            tasks.cancelAll()
        }
        #expect(alice.failures.count == 1 && alice.met.isEmpty)
    }

    private struct Answering: PairedSession {
        func run(
            _ connection: Connection,
            _ incoming: inout IncomingMessages,
            with proven: ProvenPeer
        ) async throws(PeerError) {
            try await connection.send(.text("synchronisation"))
            guard try await incoming.next() == .text(proven.personEmail) else { return }
            try await connection.send(.text("welcome"))
            _ = try await incoming.next()
        }
    }

    private struct GoingOn: ConnectionGroup {
        let person: TestPerson
        let token: String
        let heard = OneShot<WireMessage>()
        let name = PairingGroup.groupName

        func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
            let identification = PersonIdentification(as: person.own, acquaintances: person)
            let peer = try await identification.identify(connection, &incoming, strangers: true)
            var exchange = try PairingExchange(own: person.identity, peer: peer, token: token)
            for message in exchange.start() { try await connection.send(message) }
            let step = try exchange.receive(try await incoming.next()) { _ in }
            for message in step.messages { try await connection.send(message) }
            guard try await incoming.next() == PairingExchange.word else { return }
            try await connection.send(.text(person.own.email))
            heard.fulfil(try await incoming.next())
        }
    }

    @Test func `The connection can go on after the pairing`() async throws {
        alice.invite(token)
        let (near, far) = MemoryTransport.pair()
        let group = GoingOn(person: bob, token: token)
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await alice.peering.accept(far, groups: [alice.group(afterwards: Answering())]) }
            try? await bob.peering.dial(near, target: alice.instanceBox.publicKey, group: group)
        }
        #expect(group.heard.current == .text("welcome"))
        #expect(alice.met.count == 1 && alice.failures.isEmpty)
    }

    /// Every member of an identity, with what is wrong about it.
    private static let lies: [(any WritableKeyPath<PairingIdentity, [UInt8]> & Sendable, String)] = [
        (\.personKey, "person key"), (\.personSignKey, "sign key"), (\.instanceKey, "instance key"),
    ]

    @Test func `Each member of an identity is compared with what was proven`() throws {
        var identification = IdentificationPair(alice, bob)
        let proven = try #require(try identification.run().acceptorSees)
        func receive(_ identity: PairingIdentity) throws -> PairedPeer? {
            var exchange = try PairingExchange(own: bob.identity, peer: proven, token: token)
            return try exchange.receive(identity.message) { _ in }.paired
        }
        func refusal(_ what: String) -> PeerError {
            .violated("the identity names another \(what) than the one that was proven")
        }
        #expect(try receive(alice.identity)?.proven == proven)
        for (member, what) in Self.lies {
            var identity = alice.identity
            identity[keyPath: member][3] ^= 1
            #expect(throws: refusal(what)) { _ = try receive(identity) }
        }
        var identity = alice.identity
        identity.personEmail = "bob@rig.test"
        #expect(throws: refusal("person")) { _ = try receive(identity) }
        identity = alice.identity
        identity.instanceName = "alice-node2"
        #expect(throws: refusal("instance")) { _ = try receive(identity) }
        for url in [
            "http://192.0.2.1", "ws://a b", "ws://\u{202E}", "ws://" + String(repeating: "a", count: 4_000), "",
        ] {
            identity = alice.identity
            identity.url = url
            #expect(throws: PeerError.violated("the address in an identity is not one")) { _ = try receive(identity) }
        }
        identity = alice.identity
        identity.url = nil
        #expect(try receive(identity)?.url == nil)
        for (old, new) in [("public\"", "secret\""), ("identity\"", "ident\""), ("instanceSignKeyPublic", "x")] {
            var exchange = try PairingExchange(own: bob.identity, peer: proven, token: token)
            #expect(throws: PeerError.violated("expected an identity")) {
                try exchange.receive(alice.identity.message.replacing(old, with: new)) { _ in }
            }
        }
    }

    @Test func `The invitation is the one of the vectors, and nothing like it`() throws {
        struct Vectors: Decodable {
            struct Link: Decodable { var json, url: String }
            var invitation: Link
        }
        let vector = try Fixtures.vectors(Vectors.self).invitation
        let invitation = try #require(Invitation(vector.url))
        #expect(invitation.json == vector.json)
        #expect(invitation.link(prefix: "https://app.example/invites/invitePartner/?invited=true") == vector.url)
        #expect(invitation.canBeLink)
        #expect(!Invitation.isForDevice(vector.url) && Invitation.isForDevice(invitation.link()))
        #expect(Invitation.contactPrefix.hasSuffix("/invites/invitePartner/?invited=true"))
        #expect(!Invitation(token: token, publicKey: invitation.publicKey, url: "ws://[fe80::1%25eth0]").canBeLink)
        let wrongs = [
            vector.json.replacing("}", with: ",\"kind\":\"contact\"}"), vector.json.replacing("TT", with: "T"),
            vector.json.replacing("a4e0", with: "A4E0"), vector.json.replacing("TTT", with: "T+T"),
            "{\"token\":\"\(token)\",\"url\":\"ws://h\"}",
        ]
        for wrong in wrongs { #expect(Invitation(wrong) == nil, "\(wrong)") }
    }
}
