import Catalog
package import Objects
import Peers

/// Lists the contacts.
package struct ListContacts: NodeCommand {
    package static let name = "contacts"

    package init() {}

    package struct Identity: Codable, Sendable {
        package var person: IDHash
        package var email: String?
        /// Whether the owner has paired with an instance of this person.
        package var isPaired: Bool
        /// Where instances of this person can be dialled.
        package var addresses: [String]
    }

    package struct Item: Codable, Sendable {
        package var id: IDHash
        /// As the person calls itself; absent until that has arrived.
        package var name: String?
        package var identities: [Identity]
        package var emails: [String]
        package var phones: [String]
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let endpoints = Dictionary(grouping: try node.contactBook.endpoints()) { $0.personID }
        for contact in try node.catalog.contacts() {
            let identities = contact.identities.map { identity in
                let endpoints = endpoints[identity.person] ?? []
                return Identity(
                    person: identity.person,
                    email: identity.email,
                    isPaired: !endpoints.isEmpty,
                    addresses: endpoints.compactMap(\.url)
                )
            }
            try await emit(
                Item(
                    id: contact.someone,
                    name: contact.givenName,
                    identities: identities,
                    emails: contact.emails,
                    phones: contact.phones
                )
            )
        }
    }
}

extension Contact {
    /// The name; nil while only hashes are known.
    var givenName: String? {
        displayName == someone.hex || identities.contains { $0.person.hex == displayName } ? nil : displayName
    }

    /// What to call the contact.
    var shownName: String { givenName ?? identities.compactMap(\.email).first ?? displayName }
}

extension Node {
    /// Of an id so many digits have to be given.
    private static let idDigitsMin = 8

    /// The contact a person means; an error that helps if there is none or more than one.
    func contact(named name: String) throws -> Contact {
        let contacts = try catalog.contacts()
        let lowered = name.lowercased()
        func matching(_ isMatch: (String) -> Bool) -> [Contact] {
            contacts.filter { contact in
                let emails = contact.emails + contact.identities.compactMap(\.email)
                return (emails + [contact.displayName]).contains { isMatch($0.lowercased()) }
            }
        }
        let ids = contacts.filter { contact in
            let ids = [contact.someone] + contact.identities.map(\.person)
            return name.count >= Self.idDigitsMin && ids.contains { $0.hex.hasPrefix(name) }
        }
        let found = [ids, matching { $0 == lowered }, matching { $0.hasPrefix(lowered) }].first { !$0.isEmpty } ?? []
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            let names = found.prefix(5).map { "`\($0.shownName)` (\($0.someone.hex.prefix(16)))" }
            throw CommandError("`\(name)` can mean \(names.joined(separator: ", ")): give the email, or the id")
        }
        let nearest = Spelling.nearest(to: name, among: contacts.map(\.shownName))
        throw CommandError(
            "there is no contact `\(name)`"
                + (nearest.map { "; did you mean `\($0)`?" } ?? ": `iom contacts` lists them")
        )
    }
}
