import Objects
import TestSupport
import Testing

@testable import Peers

/// Service 37 with a nonce: who has what now.
@Suite(.timeLimit(.minutes(5))) struct PossessionTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws { (archive, laptop) = try TestInstance.pair() }

    @Test(arguments: Medium.allCases) func whatIsThereIsProven(_ medium: Medium) async throws {
        let objects = (0..<600).map { Array("object \($0)".utf8) }
        let hashes = objects.map { archive.store($0) }
        let absent = ObjectHash(of: Array("absent".utf8))
        let wrong = archive.store([1, 2, 3], sending: [4])
        let nonce = Nonce(random: SeededRandom(seed: 1))
        try await meet(laptop, archive, over: medium) { session in
            let answer = try await session.client.have(hashes + [absent, wrong], nonce: nonce)
            #expect(answer.keepsEverything)
            let proofs = objects.map { PossessionProof(of: $0, nonce: nonce) }
            #expect(answer.proofs == proofs + [nil, PossessionProof(of: [4] as [UInt8], nonce: nonce)])
            // Another nonce asks for something else.
            let other = try await session.client.have([hashes[0]], nonce: Nonce(random: SeededRandom(seed: 2)))
            #expect(other.proofs != [proofs[0]])
        }
    }

    @Test(arguments: Medium.allCases) func whoDoesNotKeepEverythingProvesNothing(_ medium: Medium) async throws {
        let hash = archive.store([1])
        archive.keepsEverything = false
        try await meet(laptop, archive, over: medium) { session in
            let answer = try await session.client.have([hash], nonce: Nonce(random: SystemRandom()))
            #expect(answer == Possessions(keepsEverything: false, proofs: []))
        }
    }

    @Test func whatIsNoQuestionIsRefused() async throws {
        let hash = archive.store([1]).hex
        let nonce = Nonce(random: SystemRandom()).hex
        let many = JSONValue.array(
            (0...IoMClient.hashCountMax).map { .string(ObjectHash(of: [UInt8($0 & 255), UInt8($0 >> 8)]).hex) }
        )
        let wrongs: [[JSONValue]] = [
            [], [.array([]), .string(nonce)], [.string(hash), .string(nonce)], [many, .string(nonce)],
            [.array([.string(hash), .string(hash)]), .string(nonce)], [.array([.string(hash)]), .string("")],
            [.array([.string(hash)]), .string(nonce + "00")], [.array([.string(hash)]), .string(nonce.uppercased())],
            [.array([.string(hash)]), .number(1)], [.array([.string(hash)]), .null],
        ]
        try await meet(laptop, archive, over: .memory) { session -> Void in
            for wrong in wrongs {
                let error = await #expect(throws: CallError.self, "\(wrong)") {
                    let stream = try await session.client.calls.stream(ServiceNumber.have, wrong)
                    while try await stream.next() != nil {}
                }
                guard case .failed(let failure) = error else {
                    Issue.record("\(wrong): \(String(describing: error))")
                    continue
                }
                #expect(failure.code == ServiceCode.badArguments)
            }
            #expect(session.endReason == nil)
        }
    }

    @Test func anAnswerIsReadHoweverItIsCut() throws {
        let nonce = Nonce(random: SeededRandom(seed: 3))
        let proofs: [PossessionProof?] = [
            nil, PossessionProof(of: [1], nonce: nonce), nil, PossessionProof(of: [2], nonce: nonce),
        ]
        let wire: [UInt8] = [1] + proofs.flatMap { $0.map { [1] + $0.bytes } ?? [0] }
        for size in [1, 2, 32, 33, 34, 1000] {
            var reader = PossessionReader(count: proofs.count)
            for start in stride(from: 0, to: wire.count, by: size) {
                try reader.push(Array(wire[start..<min(start + size, wire.count)]))
            }
            #expect(try reader.finish() == Possessions(keepsEverything: true, proofs: proofs))
        }
        for count in 0..<wire.count {
            #expect(throws: CallError.self, "\(count)") {
                var reader = PossessionReader(count: proofs.count)
                try reader.push(Array(wire.prefix(count)))
                _ = try reader.finish()
            }
        }
        for wrong in [[2], [0, 0], [1, 2], wire + [0], wire + [1]] as [[UInt8]] {
            #expect(throws: CallError.self, "\(wrong.prefix(4))") {
                var reader = PossessionReader(count: proofs.count)
                try reader.push(wrong)
                _ = try reader.finish()
            }
        }
    }
}
