import Catalog
package import Objects
import Peers

/// Lets a contact read a conversation and what is written in it from now on.
package struct ShareConversation: NodeCommand {
    package static let name = "share"

    /// nil: the one with the contact alone, which is made if it is not there.
    package var conversation: String?
    package var contact: String

    package init(conversation: String?, contact: String) {
        (self.conversation, self.contact) = (conversation, contact)
    }

    package func run(on node: Node, emit: @Sendable (SharedItem) async throws -> Void) async throws {
        let owner = try node.requireIdentity().ownerID
        let contact = try node.contact(named: contact)
        guard let conversation = try conversation.map(node.conversation(named:)) else {
            let person = try node.correspondent(of: contact)
            _ = try node.author.commit { draft in try node.author.pairTopic(of: owner, with: person, into: &draft) }
            return try await tell(try node.conversation(named: Author.pairID(owner, person)), contact, node, emit)
        }
        let persons = contact.identities.map(\.person)
        let isOthers =
            conversation.kind == .oneToOne && !conversation.participants.contains { persons.contains($0.person) }
        guard !isOthers else {
            throw CommandError(
                "`\(conversation.title)` is between two people: make a conversation with a name to share it with others"
            )
        }
        let topic = try node.catalog.topic(conversation.id).topic
        try node.author.commit { draft in
            try node.author.share(topic, with: persons + [owner], owner: owner, into: &draft)
        }
        try await tell(conversation, contact, node, emit)
    }

    private func tell(
        _ conversation: Conversation,
        _ contact: Contact,
        _ node: Node,
        _ emit: @Sendable (SharedItem) async throws -> Void
    ) async throws {
        node.events.record(.shared, source: contact.shownName, target: conversation.title)
        node.contactNews.tell()
        try await emit(SharedItem(conversation, contact))
    }
}

/// Takes a conversation back from a contact: what is there stays there, nothing new goes.
package struct UnshareConversation: NodeCommand {
    package static let name = "unshare"

    package var conversation: String
    package var contact: String

    package init(conversation: String, contact: String) {
        (self.conversation, self.contact) = (conversation, contact)
    }

    package func run(on node: Node, emit: @Sendable (SharedItem) async throws -> Void) async throws {
        let owner = try node.requireIdentity().ownerID
        let contact = try node.contact(named: contact)
        let conversation = try node.conversation(named: conversation)
        let topic = try node.catalog.topic(conversation.id).topic
        let wasShared = try node.author.commit { draft in
            let before = try node.author.persons(granted: .object(topic), in: draft)
            for identity in contact.identities {
                try node.author.unshare(topic, with: identity.person, owner: owner, into: &draft)
            }
            return contact.identities.contains { before.contains($0.person) }
        }
        guard wasShared else {
            throw CommandError(
                "`\(conversation.title)` is not shared with `\(contact.shownName)`: `iom conversations` tells who takes part"
            )
        }
        node.events.record(.unshared, source: contact.shownName, target: conversation.title)
        try await emit(SharedItem(conversation, contact))
    }
}

/// A conversation, and with whom.
package struct SharedItem: Codable, Sendable {
    /// Id of the conversation.
    package var id: String
    package var conversation: String
    package var contact: String
    package var persons: [IDHash]

    init(_ conversation: Conversation, _ contact: Contact) {
        (id, self.conversation) = (conversation.id, conversation.title)
        (self.contact, persons) = (contact.shownName, contact.identities.map(\.person))
    }
}

extension Node {
    /// Which person of a contact to write to: one that was paired with, if there is any.
    fileprivate func correspondent(of contact: Contact) throws -> IDHash {
        let paired = Set(try contactBook.endpoints().map(\.personID))
        let persons = contact.identities.map(\.person)
        guard let person = persons.first(where: paired.contains) ?? persons.first else {
            throw CommandError("`\(contact.shownName)` has no identity: pair again with `iom invite --contact`")
        }
        return person
    }
}
