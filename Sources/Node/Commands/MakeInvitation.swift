import Objects
import Peers
import Storage

/// Makes an invitation for one new device.
package struct MakeInvitation: NodeCommand {
    package static let name = "invite"

    package var minutes: Int
    /// Whether to go on until the device has joined.
    package var waits: Bool

    package init(minutes: Int, waits: Bool) { (self.minutes, self.waits) = (minutes, waits) }

    package enum Item: Codable, Sendable {
        case link(String)
        case joined(name: String, words: [String])
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
        let joins = node.invitations.joins()
        let token = try node.invitations.make(validFor: .seconds(minutes * 60))
        let invitation = Invitation(token: token, publicKey: identity.instanceKeys.box.publicKey, url: endpoint)
        try await emit(.link(invitation.link()))
        guard waits else { return }
        for await device in joins { return try await emit(.joined(name: device.name, words: device.words)) }
    }
}
