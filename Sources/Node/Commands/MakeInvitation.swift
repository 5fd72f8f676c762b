package import Objects
import Peers
import Storage

/// Makes an invitation: for one new device, or for somebody who becomes a contact.
package struct MakeInvitation: NodeCommand {
    package static let name = "invite"

    package var minutes: Int
    /// Whether to go on until it was used.
    package var waits: Bool
    package var guest: Guest

    /// Whom it is for.
    package enum Guest: String, Codable, Sendable {
        /// A device that becomes one of the owner's.
        case device
        /// Somebody else.
        case contact
        /// An instance of ONE with a person of its own, who is the owner, too, from then on.
        case one
    }

    package init(minutes: Int, waits: Bool, guest: Guest = .device) {
        (self.minutes, self.waits, self.guest) = (minutes, waits, guest)
    }

    package enum Item: Codable, Sendable {
        case link(String)
        case joined(name: String, words: [String])
        case met(person: IDHash, email: String)
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let identity = try node.requireIdentity()
        guard identity.isCustodian else {
            throw CommandError("this device has not the owner's key: invite on one that has, as `iom peers` tells")
        }
        guard let endpoint = node.endpoint else {
            throw CommandError("nobody can reach this device now: run `iom serve`, then invite")
        }
        guard (1...10_080).contains(minutes) else { throw CommandError("an invitation is for 1 minute to 7 days") }
        let (joins, meets) = (node.invitations.joins(), node.invitations.meets())
        let completions = node.unions.completions()
        let kind: Invitations.Kind =
            switch guest {
            case .device: .device
            case .contact: .contact
            case .one: .union
            }
        let token = try node.invitations.make(kind, validFor: .seconds(minutes * 60))
        let invitation = Invitation(token: token, publicKey: identity.instanceKeys.box.publicKey, url: endpoint)
        guard invitation.canBeLink else {
            throw CommandError(
                "the address \(endpoint) cannot be put into a link because of its %: give another `endpoint` in iom.toml"
            )
        }
        let prefix = guest == .contact ? Invitation.contactPrefix : Invitation.devicePrefix
        try await emit(.link(invitation.link(prefix: prefix)))
        guard waits else { return }
        switch guest {
        case .contact:
            for await contact in meets { return try await emit(.met(person: contact.person, email: contact.email)) }
        case .device:
            for await device in joins { return try await emit(.joined(name: device.name, words: device.words)) }
        case .one:
            for await person in completions {
                let email = try node.author.versions.idObject(person).text("email")
                return try await emit(.met(person: person, email: email ?? ""))
            }
        }
    }
}
