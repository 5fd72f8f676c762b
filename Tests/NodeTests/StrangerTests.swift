import Glibc
import Objects
import Storage
import Synchronization
import SystemPackage
import Testing

@testable import Node
@testable import Peers

/// Who is let in: nobody but members, and what the others get is nothing.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct StrangerTests {
    @Test func `Without a valid registration of one's own one gets no object and no feed`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let secret = try await archive.put(Array("a secret".utf8), in: home)
            let foreign = try await home.found(name: "foreign", owner: "Somebody Else")
            let (member, archiveProof) = try papers(of: laptop, peer: "archive")
            let (stranger, _) = try papers(of: foreign, peer: "foreign")
            let own = BoxKeyPair(random: SystemRandom())
            let nothing = RegistrationProof(registration: [], certificate: [], signature: [], license: [])
            func knock(_ key: BoxKeyPair, _ proof: RegistrationProof) async -> Knock.Outcome {
                await Knock(key: key, proof: proof, wanted: secret).run(at: archive, archiveKey: archiveProof.publicKey)
            }
            // The real member is let in by the same means, so the others fail for their papers alone.
            let welcome = await knock(member.key, member.proof)
            #expect(welcome.messageCount >= Knock.answerCount && welcome.sawObject)

            var visitors: [(String, BoxKeyPair, RegistrationProof)] = [
                ("no registration", own, nothing), ("somebody else's owner", stranger.key, stranger.proof),
                ("a member's registration and another key", own, member.proof),
                ("the archive's own registration", own, archiveProof.proof),
                ("a member's key and the archive's registration", member.key, archiveProof.proof),
                ("a member's key, and a registration of another owner", member.key, stranger.proof),
            ]
            for (index, part) in Self.parts.enumerated() {
                var mixed = member.proof
                mixed[keyPath: part] = stranger.proof[keyPath: part]
                // The licence is the same for everybody.
                if mixed != member.proof { visitors.append(("part \(index) of another owner", member.key, mixed)) }
                let byteCount = member.proof[keyPath: part].count
                for place in stride(from: 3, to: byteCount, by: max(1, byteCount / 5)) {
                    var tampered = member.proof
                    tampered[keyPath: part][place] ^= 1
                    visitors.append(("byte \(place) of part \(index)", member.key, tampered))
                }
            }
            for (name, key, proof) in visitors {
                let outcome = await knock(key, proof)
                #expect(outcome.messageCount == 0, "\(name)")
            }
            // It has not become shy of members.
            #expect(await knock(member.key, member.proof).sawObject)
            try await archive.succeed("revoke", "laptop")
            #expect(await knock(member.key, member.proof).messageCount == 0, "revoked")
        }
    }

    private static let parts: [any WritableKeyPath<RegistrationProof, [UInt8]> & Sendable] = [
        \.registration, \.certificate, \.signature, \.license,
    ]

    /// The key and the registration of an instance, and those of another one it knows.
    private func papers(
        of instance: Instance,
        peer: String
    ) throws -> (own: (key: BoxKeyPair, proof: RegistrationProof), peer: (publicKey: [UInt8], proof: RegistrationProof))
    {
        let node = try instance.open()
        let (identity, roll) = (try node.requireIdentity(), try #require(node.roll))
        let member = try #require(roll.members.first { $0.name == peer })
        let proof = try #require(
            roll.proofs.proofs.first { (proof: RegistrationProof) in
                let object = try? Microdata.object(from: proof.registration, .standard)
                return object.flatMap { try? Registration(object: $0) }?.instanceID == member.registration.instanceID
            }
        )
        return ((identity.instanceKeys.box, roll.ownProof()), (member.registration.publicKey, proof))
    }

    @Test func `What was revoked stays revoked, whatever is shown later and whatever is deleted`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let tablet = try await home.join(name: "tablet", to: archive)
            let (member, archiveProof) = try papers(of: laptop, peer: "archive")
            try await archive.succeed("revoke", "laptop")
            try await archive.stop()
            for deletesCatalog in [false, true] {
                if deletesCatalog { try await home.sh("rm '\(archive.root)'/catalog.sqlite*").mustSucceed() }
                do {
                    let node = try archive.open()
                    let id = try #require(node.roll?.members.first { $0.name == "laptop" }).registration.instanceID
                    // As if a device with an old list told of it.
                    try node.learn(member.proof, from: "tablet")
                    #expect(node.roll?.isRevoked(id) == true)
                }
                try await archive.serve()
                let knock = Knock(key: member.key, proof: member.proof, wanted: ObjectHash(of: []))
                #expect(await knock.run(at: archive, archiveKey: archiveProof.publicKey).messageCount == 0)
                #expect(try await archive.succeed("peers").lines.contains("laptop  cache  revoked"))
                // Nor can it come back by its name.
                let link = try await archive.succeed("invite").lines[0]
                let again = try home.instance("laptop-\(deletesCatalog)")
                let outcome = try await again.iom("join", link, "--name", "laptop")
                #expect(outcome.exitCode == 1 && outcome.errors.contains("a device called laptop already"))
                try await archive.stop()
            }
            // Every member that hears of it refuses too.
            try await archive.serve()
            try await tablet.serve()
            try await eventually("the tablet hears of it") {
                try await tablet.succeed("peers").lines.contains("laptop  cache  revoked")
            }
        }
    }
}

/// Somebody who knocks with some key and some papers, and asks for everything at once.
private struct Knock: ConnectionGroup {
    struct Outcome: Sendable {
        /// Whatever came after the handshake.
        var messageCount = 0
        var sawObject = false
    }

    /// Papers, the beginning of the feed, and the object.
    static let answerCount = 3

    let key: BoxKeyPair
    let proof: RegistrationProof
    let wanted: ObjectHash
    let name = IoMGroup.groupName
    private let outcome = Shared()

    private final class Shared: Sendable { let value = Mutex(Outcome()) }

    init(key: BoxKeyPair, proof: RegistrationProof, wanted: ObjectHash) {
        (self.key, self.proof, self.wanted) = (key, proof, wanted)
    }

    /// Until the other side closes.
    func run(at instance: Instance, archiveKey: [UInt8]) async -> Outcome {
        let peering = Peering(identity: key, timekeeper: SystemTime(), random: SystemRandom())
        let endpoint = Endpoint(host: "127.0.0.1", port: Int(instance.port))
        try? await PeerDialer(peering: peering).connect(to: endpoint, instanceKey: archiveKey, group: self)
        return outcome.value.withLock { $0 }
    }

    func run(_ connection: Connection, _ incoming: inout IncomingMessages) async throws(PeerError) {
        connection.authenticated()
        try await connection.send(ProofMessage.message(proof))
        // Not waiting for the other side's papers.
        let requests: [CallMessage] = [
            .request(id: 1, service: ServiceNumber.feed, arguments: [.number(0), .number(100)], windowByteCount: nil),
            .request(
                id: 2,
                service: ServiceNumber.objectRequest,
                arguments: [.array([.string(wanted.hex)]), .string("")],
                windowByteCount: nil
            ),
        ]
        for request in requests { try await connection.send(request.message) }
        while true {
            let message = try await incoming.next()
            let isObject =
                if case .binary(id: 2, _)? = CallMessage(message) { true } else { false }
            let isAll = outcome.value.withLock { outcome in
                outcome.messageCount += 1
                outcome.sawObject = outcome.sawObject || isObject
                return outcome.sawObject && outcome.messageCount >= Self.answerCount
            }
            // Everything has come, in whatever order; a feed would go on for ever.
            if isAll { return }
        }
    }
}
