import Objects
import Testing

@testable import Peers

/// Two instances of one owner, over every medium.
@Suite(.timeLimit(.minutes(5))) struct SessionTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws {
        (archive, laptop) = try TestInstance.pair()
    }

    @Test(arguments: Medium.allCases) func bothSidesKnowEachOther(_ medium: Medium) async throws {
        let key = try await meet(laptop, archive, over: medium) { session in
            #expect(session.isInitiator)
            #expect(session.member.registration.publicKey == session.remoteKey)
            let hello = try await session.client.hello(Hello(name: "laptop", role: "cache", feed: "f"))
            #expect(hello.name == "archive")
            #expect(hello.features == ["laptop"])
            #expect(try await session.client.status() == "{\"name\":\"archive\"}")
            #expect(session.byteCounts.received > 500 && session.byteCounts.sent > 500)
            return session.remoteKey
        }
        #expect(key == archive.boxKey.publicKey)
    }

    @Test(arguments: Medium.allCases) func objectsComeInOneRoundTrip(_ medium: Medium) async throws {
        let small = (0..<200).map { Array("object \($0)".utf8) }
        let large = SeededRandom(seed: 5).bytes(3_000_000)
        let absent = ObjectHash(of: Array("absent".utf8))
        let hashes = (small + [[], large]).map { archive.store($0) } + [absent]
        let fetched = try await meet(laptop, archive, over: medium) { session in
            var fetched: [ObjectHash: [UInt8]?] = [:]
            for try await object in try await session.client.objects(hashes, requester: "test") {
                switch object {
                case .missing(let hash): fetched[hash] = .some(nil)
                case .object(let hash, _, let bytes): fetched[hash] = bytes
                }
            }
            return fetched
        }
        #expect(fetched.count == hashes.count)
        #expect(fetched[absent] == .some(nil))
        for bytes in small + [[], large] { #expect(fetched[ObjectHash(of: bytes)] == bytes) }
    }

    @Test(arguments: Medium.allCases) func rangesAreCutAtTheEnd(_ medium: Medium) async throws {
        let bytes = SeededRandom(seed: 5).bytes(300_000)
        let hash = archive.store(bytes)
        try await meet(laptop, archive, over: medium) { session in
            for range in [0..<10, 100_000..<290_000, 299_990..<400_000, 300_000..<300_001, 500_000..<500_001, 7..<7] {
                var received: [UInt8] = []
                for try await piece in try await session.client.range(range, of: hash) { received += piece }
                #expect(received == Array(bytes[range.clamped(to: 0..<bytes.count)]))
            }
            let absent = ObjectHash(of: Array("absent".utf8))
            await #expect(throws: CallError.self) {
                for try await _ in try await session.client.range(0..<1, of: absent) {}
            }
        }
    }

    @Test(arguments: Medium.allCases) func theListOfChunksIsThatOfTheBytes(_ medium: Medium) async throws {
        let bytes = SeededRandom(seed: 6).bytes(2_000_000)
        let hash = archive.store(bytes)
        var maker = ChunkListMaker(objectByteCount: bytes.count)
        bytes.withUnsafeBytes { _ = maker.update($0) }
        let list = maker.list
        try await meet(laptop, archive, over: medium) { session in
            var decoder = ChunkListDecoder(objectByteCount: bytes.count)
            for try await piece in try await session.client.chunks(of: hash, objectByteCount: bytes.count) {
                try decoder.push(piece)
            }
            #expect(decoder.list == list)
            await #expect(throws: CallError.self) {
                let absent = ObjectHash(of: Array("absent".utf8))
                for try await _ in try await session.client.chunks(of: absent, objectByteCount: 5) {}
            }
            // Longer than any list for the size that is known it does not get.
            await #expect(throws: CallError.self) {
                for try await _ in try await session.client.chunks(of: hash, objectByteCount: 100) {}
            }
        }
    }

    @Test(arguments: Medium.allCases) func theFeedStartsWithProofsAndIsPushed(_ medium: Medium) async throws {
        let archive = archive
        let first = archive.store([1])
        try await meet(laptop, archive, over: medium) { session in
            var feed = try await session.client.feed(after: 0, limit: 10).makeAsyncIterator()
            let start = try #require(try await feed.next())
            #expect(start.proofs == [archive.proof])
            let batch = try #require(try await feed.next())
            #expect(batch.changes.map(\.sequence) == [1])
            guard case .object(let object, let isHeld) = batch.changes[0].change else { throw CallError.cancelled }
            #expect(object.hash == first && isHeld)
            archive.store([2])
            #expect(try await feed.next()?.changes.map(\.sequence) == [2])
        }
    }

    @Test(arguments: Medium.allCases) func aManyTimesLargerFeedArrivesInOrder(_ medium: Medium) async throws {
        for number in 0..<3000 { archive.store(Array("\(number)".utf8)) }
        let sequences = try await meet(laptop, archive, over: medium) { session in
            var sequences: [Int64] = []
            for try await batch in try await session.client.feed(after: 5, limit: 100) {
                sequences += batch.changes.map(\.sequence)
                if sequences.last == 3000 { break }
            }
            return sequences
        }
        #expect(sequences == Array(6...3000))
    }

    @Test(arguments: Medium.allCases) func bothDirectionsAtOnce(_ medium: Medium) async throws {
        let (archive, laptop) = (archive, laptop)
        let there = archive.store(SeededRandom(seed: 6).bytes(200_000))
        let back = laptop.store(SeededRandom(seed: 7).bytes(200_000))
        let acceptorDone = OneShot<Int>()
        let group = archive.group { session in
            var count = 0
            for _ in 0..<20 {
                let fetched = try? await PeerReader(session.client).bytes(of: back)
                count += fetched?.count == 200_000 ? 1 : 0
            }
            acceptorDone.fulfil(count)
            _ = await session.ended()
        }
        try await listening(archive, groups: [group]) { port in
            let mine = laptop.group { session in
                for _ in 0..<20 {
                    let fetched = try? await PeerReader(session.client).bytes(of: there)
                    #expect(fetched?.count == 200_000)
                }
                #expect(await acceptorDone.value() == 20)
            }
            try await PeerDialer(peering: laptop.peering()).connect(
                to: Endpoint(host: "localhost", port: port),
                instanceKey: archive.boxKey.publicKey,
                group: mine
            )
        }
    }

    @Test(arguments: Medium.allCases) func havingAndAffirming(_ medium: Medium) async throws {
        let (archive, hash) = (archive, archive.store([1, 2, 3]))
        let absent = ObjectHash(of: Array("absent".utf8))
        try await meet(laptop, archive, over: medium) { session in
            #expect(try await session.client.have([absent, hash]) == [hash: 3])
            let proof = try await session.client.affirm(hash)
            let signature = try Microdata.object(from: proof.signature, .standard)
            let certificate = try Microdata.object(from: proof.certificate, .standard)
            #expect(
                Affirmation.verify(
                    signature: signature,
                    certificate: (ObjectHash(of: proof.certificate), certificate),
                    publicSignKey: archive.owner.key.publicKey
                )
            )
        }
    }

    @Test(arguments: Medium.allCases) func wrongBytesNameTheirSender(_ medium: Medium) async throws {
        let wrongs: [[UInt8]] = [[1, 2, 4], [1, 2], [1, 2, 3, 4], []]
        for wrong in wrongs {
            let hash = archive.store([1, 2, 3], sending: wrong)
            try await meet(laptop, archive, over: medium) { session in
                await #expect(throws: CallError.wrongBytes(of: hash, from: session.member.name)) {
                    for try await object in try await session.client.objects([hash], requester: "test") {
                        Issue.record("\(object) was given out")
                    }
                }
                await #expect(throws: ObjectError.damaged(by: session.member.name)) {
                    try await PeerReader(session.client).bytes(of: hash)
                }
            }
        }
    }

    @Test(arguments: Medium.allCases) func aClosedSessionFailsItsCalls(_ medium: Medium) async throws {
        try await meet(laptop, archive, over: medium) { session in
            var feed = try await session.client.feed(after: 0, limit: 1).makeAsyncIterator()
            _ = try await feed.next()
            session.disconnect("enough")
            await #expect(throws: CallError.self) { while try await feed.next() != nil {} }
            await #expect(throws: CallError.self) { try await session.client.status() }
            #expect(await session.ended() == .closed("enough"))
            #expect(session.openCallCount == 0)
        }
    }
}

extension SessionTests {
    @Test(arguments: Medium.allCases) func strangersGetNothing(_ medium: Medium) async throws {
        let stranger = try TestInstance("laptop", owner: TestInstance.Owner(seed: 9), seed: 10)
        await #expect(throws: PeerError.self) {
            try await meet(stranger, archive, over: medium) { _ in Issue.record("a session") }
        }
    }

    @Test(arguments: Medium.allCases) func theRevokedGetNothing(_ medium: Medium) async throws {
        archive.revoke(laptop.boxKey.publicKey)
        await #expect(throws: PeerError.self) {
            try await meet(laptop, archive, over: medium) { _ in Issue.record("a session") }
        }
    }

    @Test func aBorrowedRegistrationAdmitsNobody() async throws {
        let thief = try TestInstance("thief", owner: archive.owner, seed: 11)
        let borrowed = BorrowedMembership(instance: thief, proof: laptop.proof)
        let group = IoMGroup(membership: borrowed, service: thief) { _ in Issue.record("a session") }
        await #expect(throws: PeerError.self) { try await dial(thief, archive, over: .memory, group: group) }
    }

    @Test(arguments: Medium.allCases) func theWrongInstanceIsRefused(_ medium: Medium) async throws {
        let other = BoxKeyPair(random: SeededRandom(seed: 12)).publicKey
        await #expect(throws: PeerError.self) {
            try await dial(laptop, archive, over: medium, group: laptop.waiting, key: other)
        }
    }

    @Test func revocationEndsALiveSession() async throws {
        let archive = archive
        let live = OneShot<IoMSession>()
        let group = archive.group { session in
            live.fulfil(session)
            _ = await session.ended()
        }
        try await listening(archive, groups: [group]) { port in
            let mine = laptop.group { session in _ = await session.ended() }
            await #expect(throws: PeerError.closed("revoked")) {
                try await withThrowingTaskGroup { tasks in
                    tasks.addTask { await live.value()?.disconnect("revoked") }
                    try await PeerDialer(peering: laptop.peering()).connect(
                        to: Endpoint(host: "127.0.0.1", port: port),
                        instanceKey: archive.boxKey.publicKey,
                        group: mine
                    )
                }
            }
        }
    }
}

private struct BorrowedMembership: Membership {
    let instance: TestInstance
    let proof: RegistrationProof

    func ownProof() -> RegistrationProof { proof }
    func admit(_ proof: RegistrationProof, provenKey: [UInt8]) throws(PeerError) -> Member {
        try instance.admit(proof, provenKey: provenKey)
    }
}
