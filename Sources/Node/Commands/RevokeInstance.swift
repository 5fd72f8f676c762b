package import Objects
import Peers

/// Shuts an instance out, for ever.
package struct RevokeInstance: NodeCommand {
    package static let name = "revoke"
    package static var needsPeers: Bool { true }

    package var instance: String

    package init(instance: String) { self.instance = instance }

    package struct Item: Codable, Sendable {
        package var id: IDHash
        package var name: String
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let identity = try node.requireIdentity()
        guard let ownerKeys = identity.ownerKeys else {
            throw CommandError("this device has not the owner's key: revoke on one that has, as `iom peers` tells")
        }
        let member = try node.member(named: instance)
        guard member.registration.instanceID != identity.instanceID else {
            throw CommandError("`\(instance)` is this device: revoke it on another one with the owner's key")
        }
        var registration = member.registration
        let now = node.time.now.milliseconds.rounded(.down)
        registration.revokedAt = now
        let proof = try node.author.register(registration, owner: identity.ownerID, ownerKeys: ownerKeys)
        try node.learn(proof, from: nil)
        try await emit(Item(id: registration.instanceID, name: member.name))
    }
}
