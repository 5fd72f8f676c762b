package import Objects
import Peers

/// The owner's instances, and those of contacts that were met.
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
        /// All sessions with it since the start of this node; null: there was none.
        @Nullable package var connection: Snapshot.Connection? = nil
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let connections = node.connectionReports() + node.contactReports()
        let byID = Dictionary(connections.map { ($0.id, $0) }) { first, _ in first }
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
                    isCustodian: registration.capabilities.contains(Node.custodianCapability),
                    connection: byID[registration.instanceID]
                )
            )
        }
        for item in try Self.contacts(of: node, byID) { try await emit(item) }
    }

    /// In order of email.
    private static func contacts(of node: Node, _ connections: [IDHash: Snapshot.Connection]) throws -> [Item] {
        let own = Set(try node.author.ownPersons())
        let endpoints = try node.contactBook.endpoints().filter { !own.contains($0.personID) }
        // Of one instance a profile may name several ways to it.
        let instances = Dictionary(endpoints.map { ($0.instanceID, $0) }) { $0.url == nil ? $1 : $0 }
        let items = instances.values.map { endpoint in
            let email = try? node.author.versions.idObject(endpoint.personID).text("email")
            return Item(
                id: endpoint.instanceID,
                name: email ?? endpoint.personID.hex,
                type: Snapshot.Connection.contactRole,
                role: Snapshot.Connection.contactRole,
                status: node.contacts.isConnected(toKey: endpoint.instanceKey) ? "online" : "offline",
                endpoint: endpoint.url,
                publicKey: Hex.text(endpoint.instanceKey),
                isCustodian: false,
                connection: connections[endpoint.instanceID]
            )
        }
        return items.sorted { ($0.name, $0.id.hex) < ($1.name, $1.id.hex) }
    }
}
