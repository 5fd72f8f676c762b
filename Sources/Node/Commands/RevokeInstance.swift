import Catalog
package import Objects
import Peers

/// Shuts an instance out, for ever.
package struct RevokeInstance: NodeCommand {
    package static let name = "revoke"
    package static var needsPeers: Bool { true }

    package var instance: String
    /// Although nobody else has what it has.
    package var isForced: Bool

    package init(instance: String, isForced: Bool = false) { (self.instance, self.isForced) = (instance, isForced) }

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
        if !isForced, !member.registration.isRevoked { try checkCopies(at: member.name, node) }
        var registration = member.registration
        let now = node.time.now.milliseconds.rounded(.down)
        registration.revokedAt = now
        let proof = try node.author.register(registration, owner: identity.ownerID, ownerKeys: ownerKeys)
        try node.learn(proof, from: nil)
        try await emit(Item(id: registration.instanceID, name: member.name))
    }

    /// What a revoked instance holds nobody can fetch any more.
    private func checkCopies(at name: String, _ node: Node) throws {
        let (count, byteCount) = try node.catalog.onlyCopies(at: name)
        guard count > 0 else { return }
        let what = "\(count) object\(count == 1 ? "" : "s") (\(ByteCount(byteCount)))"
        throw CommandError(
            "`\(name)` alone has \(what), which nobody gets any more once it is revoked: let another device that keeps "
                + "everything fetch them first, or add --force"
        )
    }
}
