import SystemPackage
import Testing

/// Bringing in what ONE.CORE wrote.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct AdoptionTests {
    @Test func `Every conversation, message and attachment is there, as the manifest tells it`() async throws {
        let manifest = try Manifest.alice()
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            let listed = try await archive.json("conversations")
            #expect(listed.count == 4)
            var (messages, verified, attachments) = (0, 0, 0)
            for expected in manifest.conversations {
                let found = try #require(listed.first { $0["id"] as? String == expected.topicId })
                #expect(found["kind"] as? String == expected.kind)
                #expect(found["messages"] as? Int == expected.messageCount)
                let log = try await archive.json("log", expected.topicId)
                #expect(log.count == expected.messages.count)
                for (line, message) in zip(log, expected.messages) {
                    #expect(Manifest.Message(logged: line) == message.asLogged(like: line))
                }
                #expect(log.first?["time"] as? Double == found["first"] as? Double)
                #expect(log.last?["time"] as? Double == found["last"] as? Double)
                messages += log.count
                verified += log.count { $0["verified"] as? Bool == true }
                attachments += found["attachments"] as? Int ?? 0
            }
            #expect(messages == manifest.totals.messages && messages == 204)
            #expect(verified == 204)
            #expect(attachments == manifest.totals.attachments && attachments == 27)
        }
    }

    @Test func `No file of the source changes`() async throws {
        try await Household.with { home in
            let store = Household.aliceStore
            let look = """
                cd '\(store)' && find . -printf '%P %s %m %T@ %C@ %i\\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum
                """
            let before = try await home.sh(look).mustSucceed().output
            _ = try await home.adoptAlice()
            #expect(try await home.sh(look).output == before)
        }
    }
}
