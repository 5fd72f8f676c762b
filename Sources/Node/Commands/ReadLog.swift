import Catalog
package import Objects

/// A conversation, oldest message first, and then what waits to be posted.
package struct ReadLog: NodeCommand {
    package static let name = "log"

    package var conversation: String

    package init(conversation: String) { self.conversation = conversation }

    package struct Attachment: Codable, Sendable {
        package var hash: ObjectHash
        package var data: ObjectHash?
        package var name: String?
        package var type: String?
        package var size: Int?
    }

    package struct Item: Codable, Sendable {
        /// Milliseconds since 1970, by the writer's clock.
        package var time: Double
        package var author: IDHash?
        package var authorName: String?
        package var text: String
        /// The ChatMessage.
        package var hash: ObjectHash
        package var verified: Bool
        package var attachments: [Attachment]
        package var isPending: Bool
        /// The time as text, UTC.
        package var utc: String

        enum CodingKeys: String, CodingKey {
            case time, author, authorName, text, hash, verified, attachments, utc
            case isPending = "pending"
        }
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let found = try node.conversation(named: conversation)
        var day = Int.min
        var absent: (count: Int, reason: ObjectError)?
        while let known = try node.catalog.messages(of: found.id, afterDay: day) {
            var messages = known.messages
            do throws(ObjectError) {
                // Where days are known by their outline, what was said on them is brought now.
                let key = ConversationDay(topic: found.id, day: known.day)
                if try !node.catalog.isWhole(key) {
                    try await node.days.bring(key, isKept: false)
                    messages = try node.catalog.messages(of: found.id, afterDay: day)?.messages ?? []
                }
            } catch {
                absent = ((absent?.count ?? 0) + 1, error)
            }
            for message in messages { try await emit(Item(message)) }
            day = known.day
        }
        for pending in node.outbox.pending { try await report(pending, of: found, in: node, emit) }
        guard let absent else { return }
        let words = CommandError.words(for: absent.reason)
        throw CommandError("what was said on \(absent.count) days is not on this device: \(words)", exitCode: 3)
    }

    /// What waits in the outbox for this conversation.
    private func report(
        _ pending: Pending,
        of conversation: Conversation,
        in node: Node,
        _ emit: @Sendable (Item) async throws -> Void
    ) async throws {
        let versions = node.author.versions
        guard case .string(let id)? = try versions.object(pending.topic)["id"], id == conversation.id,
            case .number(let time)? = try versions.object(pending.creationTime)["timestamp"],
            case .reference(let hash)? = try versions.object(pending.creationTime)["data"],
            case .string(let text)? = try versions.object(hash)["text"]
        else { return }
        try await emit(
            Item(
                time: time,
                author: node.identity?.ownerID,
                authorName: nil,
                text: text,
                hash: hash,
                verified: false,
                attachments: [],
                isPending: true,
                utc: CivilTime(milliseconds: time).text
            )
        )
    }
}

extension ReadLog.Item {
    fileprivate init(_ message: Message) {
        self.init(
            time: message.time,
            author: message.author,
            authorName: message.authorName,
            text: message.text,
            hash: message.hash,
            verified: message.isVerified,
            attachments: message.attachments.map(ReadLog.Attachment.init),
            isPending: false,
            utc: CivilTime(milliseconds: message.time).text
        )
    }
}

extension ReadLog.Attachment {
    /// An object that is attached as it is has no name: unknown is null.
    fileprivate init(_ attachment: Attachment) {
        let isObject = attachment.data == attachment.hash
        self.init(
            hash: attachment.hash,
            data: attachment.data,
            name: isObject ? nil : attachment.name,
            type: attachment.type,
            size: attachment.byteCount
        )
    }
}
