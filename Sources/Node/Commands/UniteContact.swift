import Objects

/// Accepts what a contact asked: that both persons are one.
package struct UniteContact: NodeCommand {
    package static let name = "unite"

    package var contact: String

    package init(contact: String) { self.contact = contact }

    /// What the contact is called.
    package typealias Item = String

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let contact = try node.contact(named: contact)
        let requests = Set(try node.author.unionRequests().flatMap(\.persons))
        guard let person = contact.identities.map(\.person).first(where: requests.contains) else {
            throw CommandError("`\(contact.shownName)` has not asked to be one with you: let them do that first")
        }
        try node.acceptUnion(with: person)
        try await emit(contact.shownName)
    }
}
