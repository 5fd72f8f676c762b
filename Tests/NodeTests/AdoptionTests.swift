import Foundation
import SystemPackage
import Testing

/// Bringing in what ONE.CORE wrote.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(1)))
struct AdoptionTests {
    @Test func `Every conversation, message and attachment is there, as the manifest tells it`() async throws {
        let manifest = try JSONDecoder().decode(
            Manifest.self,
            from: Data(contentsOf: URL(filePath: Household.aliceManifest.string))
        )
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

/// What `MANIFEST.alice.json` says of the store beside it.
struct Manifest: Decodable {
    struct Message: Decodable, Equatable {
        var time: Double
        var author: String?
        var text: String
        var dataHash: String?
        var attachments: [Attachment]?

        /// A log says `[]` where the manifest says null, and of attachments that are no files more than the manifest.
        func asLogged(like line: [String: Any]) -> Self {
            let logged = Self(logged: line)
            var message = self
            message.attachments = (attachments ?? []).enumerated().map { index, attachment in
                let isFile = attachment.blobHash != nil
                guard !isFile, let other = logged.attachments?.dropFirst(index).first, other.hash == attachment.hash
                else { return attachment }
                return other
            }
            return message
        }
    }

    struct Attachment: Decodable, Equatable {
        var hash: String
        var blobHash: String?
        var name: String?
        var mime: String?
        var size: Int?
    }

    struct Conversation: Decodable {
        var topicId: String
        var kind: String
        var messageCount: Int
        var messages: [Message]
    }

    struct Totals: Decodable {
        var conversations: Int
        var messages: Int
        var attachments: Int
    }

    var conversations: [Conversation]
    var totals: Totals
}

extension Manifest.Message {
    /// A line of `iom log --json`.
    init(logged line: [String: Any]) {
        self.init(
            time: line["time"] as? Double ?? -1,
            author: line["author"] as? String,
            text: line["text"] as? String ?? "",
            dataHash: line["hash"] as? String,
            attachments: (line["attachments"] as? [[String: Any]])?.map {
                .init(
                    hash: $0["hash"] as? String ?? "",
                    blobHash: $0["data"] as? String,
                    name: $0["name"] as? String,
                    mime: $0["type"] as? String,
                    size: $0["size"] as? Int
                )
            }
        )
    }
}
