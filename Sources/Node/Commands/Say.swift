package import Objects
import SystemPackage

/// Writes a message into a conversation.
package struct Say: NodeCommand {
    package static let name = "say"
    package static var needsPeers: Bool { true }

    package var conversation: String
    package var text: String
    /// Absolute paths of files to attach.
    package var attachments: [String]

    package init(conversation: String, text: String, attachments: [String]) {
        (self.conversation, self.text, self.attachments) = (conversation, text, attachments)
    }

    package struct Item: Codable, Sendable {
        /// Title of the conversation.
        package var conversation: String
        package var time: Int64
        /// Whether it waits for an instance with the owner's key.
        package var isPending: Bool
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let identity = try node.requireIdentity()
        let found = try node.conversation(named: conversation)
        let files = try attachments.map { try node.attachment(at: FilePath($0)) }
        let message = NewMessage(text: text, attachments: files, time: node.time.now)
        let posting = try node.author.commit { draft in
            try node.author.write(message, from: identity.ownerID, into: &draft)
        }
        let pending = Pending(topic: found.topic, creationTime: posting.creationTime, time: posting.milliseconds)
        let posted = try await node.outbox.send(pending)
        try await emit(Item(conversation: found.title, time: Int64(posting.milliseconds), isPending: !posted))
    }
}
