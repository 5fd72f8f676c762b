/// A conversation as it is listed: a topic, its people, and what is known of its messages.
package struct Conversation: Hashable, Sendable {
    package enum Kind: String, Sendable, Codable {
        case oneToOne = "one-to-one"
        case group
    }

    package struct Participant: Hashable, Sendable {
        package var person: IDHash
        package var name: String

        package init(person: IDHash, name: String) { (self.person, self.name) = (person, name) }
    }

    /// The topic's id; compare by bytes.
    package var id: String
    /// As people wrote it: not safe to print or to name a file.
    package var title: String
    package var kind: Kind
    /// In order of person hash.
    package var participants: [Participant]
    package var messageCount: Int
    package var attachmentCount: Int
    /// Times of the first and last message in milliseconds since 1970; nil if there are none.
    package var firstTime: Double?
    package var lastTime: Double?

    package init(
        id: String,
        title: String,
        kind: Kind,
        participants: [Participant],
        messageCount: Int,
        attachmentCount: Int,
        firstTime: Double?,
        lastTime: Double?
    ) {
        (self.id, self.title, self.kind, self.participants) = (id, title, kind, participants)
        (self.messageCount, self.attachmentCount) = (messageCount, attachmentCount)
        (self.firstTime, self.lastTime) = (firstTime, lastTime)
    }
}
