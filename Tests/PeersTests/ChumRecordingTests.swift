import Objects
import Testing

@testable import Peers

/// Sessions of the reference: our importer takes what its exporter gave, and our exporter answers as it did.
@Suite(.timeLimit(.minutes(1))) struct ChumRecordingTests {
    private static let bob = "s1-direct-bob.jsonl"

    /// Those whose conversation it is, whom both sides knew before.
    private func storePersons(in contact: TestContact) throws {
        for name in ["alice", "bob"] {
            let person = OneObject("Person", [("email", .string("\(name)@rig.test"))])
            contact.store(try Microdata.idBytes(of: person, .standard))
        }
    }

    @Test func whatTheReferenceGaveIsTaken() async throws {
        let recorded = try RecordedCall.all(in: Self.bob, dir: "out", conn: 3)
        let taker = try TestContact("taker", seed: 1)
        try storePersons(in: taker)
        let giver = try TestContact("giver", seed: 2)
        let (near, far) = MemoryTransport.pair()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await giver.peering().accept(far, groups: [RecordedExporter(calls: recorded)]) }
            let group = UnprovenChum(contact: taker, other: giver.personID) { session in
                try await Importer(client: session.client, target: taker, time: SystemTime()).once()
            }
            try? await taker.peering().dial(near, target: giver.boxKey.publicKey, group: group)
            tasks.cancelAll()
        }
        // What the recorded side had written itself it did not ask for, so the recording lacks it.
        #expect(taker.troubles.allSatisfy { !$0.isRefused })
        #expect(taker.roundCount == 1)
        let texts = taker.objects.keys.compactMap { try? taker.object($0) }.compactMap { object -> String? in
            guard object.type == "ChatMessage", case .string(let text)? = object["text"] else { return nil }
            return text
        }
        #expect(texts.contains("Hello Bob"))
        #expect(taker.heads.count == 1)
    }

    @Test func itIsAskedAsTheReferenceWasAndAnswersTheSame() async throws {
        let recorded = try RecordedCall.all(in: Self.bob, dir: "out", conn: 3)
        let giver = try TestContact("giver", seed: 1)
        try storePersons(in: giver)
        for call in recorded where [ChumService.object, ChumService.idObject].contains(call.service) {
            if let text = call.data?.string { giver.store(Array(text.utf8)) }
        }
        let roots = try #require(recorded.last { $0.service == ChumService.accessibleRoots }?.data?.string)
        giver.roots = try #require(AccessibleRoot.roots(from: roots))
        // What came later than the last list is nobody's fault.
        let taker = try TestContact("taker", seed: 2)
        let rest = recorded.filter { $0.data != nil && $0.service != ChumService.accessibleRoots }
        try await chum(taker, giver) { session in
            let told = try await session.client.roots()
            #expect(told == giver.roots)
            for call in rest {
                let answer = try? await session.client.calls.call(call.service, call.arguments)
                if call.service == ChumService.objectChildren {
                    // Any order will do in which what refers comes first.
                    let theirs = call.data?.string.flatMap(ObjectChild.children(from:)).map(Set.init) ?? []
                    // The recording lacks what its side had written itself.
                    guard theirs.allSatisfy({ $0.kind == .blob || giver.objects[$0.hash] != nil }) else { continue }
                    let ours = answer?.string.flatMap(ObjectChild.children(from:)).map(Set.init)
                    #expect(ours == theirs)
                } else {
                    #expect(answer == call.data)
                }
            }
        }
    }

    @Test func itRefusesInTheWordsOfTheReference() async throws {
        let giver = try TestContact("giver", seed: 1)
        let taker = try TestContact("taker", seed: 2)
        let five = try RecordedCall.all(in: "s5-interop-alice.jsonl", dir: "in", conn: 2)
        let six = try RecordedCall.all(in: "s6-blobs-alice.jsonl", dir: "in", conn: 2)
        let refused = (five + six).filter { call in
            call.error != nil && (call.arguments.first?.string?.allSatisfy { $0 == "0" || $0 == "z" } ?? true)
        }
        #expect(refused.count >= 4)
        try await chum(taker, giver) { session in
            for call in refused {
                if call.service == ChumService.accessibleRoots {
                    // After the end nothing is served any more.
                    _ = try await session.client.calls.call(ChumService.end, [])
                }
                var failure: CallFailure?
                do throws(CallError) {
                    _ = try await session.client.calls.call(call.service, call.arguments)
                } catch {
                    if case .failed(let failed) = error { failure = failed }
                }
                #expect(failure == call.error)
                if call.service == ChumService.accessibleRoots { return }
            }
        }
    }
}
