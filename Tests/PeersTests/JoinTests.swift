import Objects
import Testing

@testable import Peers

/// Joining by invitation.
@Suite(.timeLimit(.minutes(5))) struct JoinTests {
    private let archive: TestInstance
    private let newcomer = BoxKeyPair(random: SeededRandom(seed: 8))

    init() throws { archive = try TestInstance("archive", owner: TestInstance.Owner(seed: 1), seed: 2) }

    private func request(_ token: String, name: String = "phone", key: [UInt8]? = nil) -> JoinRequest {
        JoinRequest(
            token: token,
            name: name,
            deviceType: "phone",
            storageRole: "minimal",
            capabilities: [],
            publicKey: key ?? newcomer.publicKey,
            publicSignKey: SignKeyPair(random: SeededRandom(seed: 4)).publicKey
        )
    }

    private func join(_ port: Int, _ request: JoinRequest) async throws -> (JoinReply, [String]) {
        let invitation = Invitation(
            token: request.token,
            publicKey: archive.boxKey.publicKey,
            url: "ws://127.0.0.1:\(port)"
        )
        let shown = OneShot<[String]>()
        let peering = Peering(identity: newcomer, timekeeper: SystemTime(), random: SystemRandom())
        let reply = try await PeerDialer(peering: peering).join(invitation, request) { words in
            shown.fulfil(words.words)
        }
        return (reply, shown.current ?? [])
    }

    @Test func anInvitationWorksOnceAndBothSidesShowTheSameWords() async throws {
        let token = Invitation.makeToken(random: SystemRandom())
        archive.invite(token)
        try await listening(archive) { port in
            let (reply, words) = try await join(port, request(token))
            #expect(reply.objects[0] == Array(words.joined(separator: " ").utf8))
            #expect(words.count == 4)
            let registration = try reply.proof.verified(
                owner: archive.owner.id,
                ownerSignKey: archive.owner.key.publicKey
            )
            #expect(registration.publicKey == newcomer.publicKey)
            await #expect(throws: PeerError.closed("unknown invitation")) { _ = try await join(port, request(token)) }
        }
    }

    @Test func whatIsNotAgreedToIsRefused() async throws {
        archive.invite("once")
        archive.invite("twice")
        try await listening(archive) { port in
            await #expect(throws: PeerError.closed("not confirmed")) {
                _ = try await join(port, request("once", name: "unwanted"))
            }
            await #expect(throws: PeerError.self) {
                _ = try await join(port, request("twice", key: archive.boxKey.publicKey))
            }
            await #expect(throws: PeerError.self) { _ = try await join(port, request("never")) }
        }
    }

    @Test func theWordsDependOnEveryKey() {
        let keys = (0..<3).map { SeededRandom(seed: $0).bytes(32) }
        let words = ConfirmationWords(custodianKey: keys[0], newcomerKey: keys[1], newcomerSignKey: keys[2])
        let others = [[1, 0, 2], [0, 2, 1], [0, 0, 2]].map {
            ConfirmationWords(custodianKey: keys[$0[0]], newcomerKey: keys[$0[1]], newcomerSignKey: keys[$0[2]])
        }
        #expect(!others.contains(words))
        #expect(Set(ConfirmationWords.list).count == 256)
    }
}
