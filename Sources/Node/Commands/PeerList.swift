package import Objects
import Peers

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
        /// By which it is dialled, in hex digits.
        package var publicKey: String
        package var isCustodian: Bool
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        for member in node.roll?.members ?? [] {
            let registration = member.registration
            try await emit(
                Item(
                    id: registration.instanceID,
                    name: member.name,
                    type: registration.deviceType,
                    role: registration.storageRole,
                    status: node.state(of: registration),
                    endpoint: registration.endpoint,
                    publicKey: Hex.text(registration.publicKey),
                    isCustodian: registration.capabilities.contains(Node.custodianCapability)
                )
            )
        }
    }
}
