import Catalog
package import Objects

/// Lists the conversations.
package struct ListConversations: NodeCommand {
    package static let name = "conversations"

    package init() {}

    package struct Participant: Codable, Sendable {
        package var person: IDHash
        package var name: String
    }

    package struct Item: Codable, Sendable {
        package var id: String
        package var title: String
        /// `one-to-one` or `group`.
        package var kind: String
        package var participants: [Participant]
        package var messages: Int
        package var attachments: Int
        /// Milliseconds since 1970; absent if there are no messages.
        package var first: Double?
        package var last: Double?
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        for conversation in try node.catalog.conversations() {
            try await emit(
                Item(
                    id: conversation.id,
                    title: conversation.title,
                    kind: conversation.kind.rawValue,
                    participants: conversation.participants.map { Participant(person: $0.person, name: $0.name) },
                    messages: conversation.messageCount,
                    attachments: conversation.attachmentCount,
                    first: conversation.firstTime,
                    last: conversation.lastTime
                )
            )
        }
    }
}

extension Node {
    /// The conversation a person means; an error that helps if there is none or more than one.
    func conversation(named name: String) throws -> Conversation {
        let matches = try catalog.conversations(matching: name)
        if matches.count == 1 { return matches[0] }
        guard matches.isEmpty else {
            let titles = matches.prefix(5).map { "`\($0.title)` (\($0.id.prefix(16)))" }.joined(separator: ", ")
            throw CommandError("`\(name)` can mean \(titles): give more of the title, or the id")
        }
        let nearest = Spelling.nearest(to: name, among: try catalog.conversations().map(\.title))
        throw CommandError(
            "there is no conversation `\(name)`"
                + (nearest.map { "; did you mean `\($0)`?" } ?? ": `iom conversations` lists them")
        )
    }
}
