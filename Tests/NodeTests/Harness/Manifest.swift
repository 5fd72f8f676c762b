import Foundation
import SystemPackage

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

    static func alice() throws -> Self {
        try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: Household.aliceManifest.string)))
    }

    var attachments: [Attachment] { conversations.flatMap(\.messages).flatMap { $0.attachments ?? [] } }
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
