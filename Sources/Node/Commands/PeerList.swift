package import Objects

/// The owner's instances.
package struct PeerList: NodeCommand {
    package static let name = "peers"

    package init() {}

    package struct Item: Codable, Sendable {
        package var id: IDHash
        package var name: String
        /// Kind of device, as it was registered.
        package var type: String
        package var role: String
        /// this, online, offline or revoked.
        package var status: String
        package var endpoint: String?
        package var isCustodian: Bool
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        for member in node.roll?.members ?? [] {
            let registration = member.registration
            let status =
                if registration.isRevoked { "revoked" }
                else if registration.instanceID == node.identity?.instanceID { "this" }
                else { node.links.isConnected(to: registration.instanceID) ? "online" : "offline" }
            try await emit(
                Item(
                    id: registration.instanceID,
                    name: member.name,
                    type: registration.deviceType,
                    role: registration.storageRole,
                    status: status,
                    endpoint: registration.endpoint,
                    isCustodian: registration.capabilities.contains(Node.custodianCapability)
                )
            )
        }
    }
}
