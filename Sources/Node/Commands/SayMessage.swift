import Catalog
import Objects
import SystemPackage

/// Writes a message into a conversation.
package struct SayMessage: NodeCommand {
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
        var files: [NewAttachment] = []
        for path in attachments { files.append(try await node.author.attachment(at: FilePath(path))) }
        let message = NewMessage(text: text, attachments: files, time: node.time.now)
        let outcome = try await node.postman(identity).say(message, topic: node.catalog.topic(found.id).topic)
        let time = Int64(message.time.milliseconds)
        try await emit(Item(conversation: found.title, time: time, isPending: outcome == .pending))
    }
}
