/// Makes a link that signs one browser in at the dashboard.
package struct MakeSignInLink: NodeCommand {
    package static let name = "dashboard"

    package init() {}

    package struct Item: Codable, Sendable {
        /// Good once, for five minutes.
        package var link: String
        /// Where programs read metrics, and what they have to show.
        package var metrics: String
        package var metricsToken: String
    }

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        let door = node.browserDoor
        try await emit(
            Item(link: door.makeLink(), metrics: door.address() + "/metrics", metricsToken: door.metricsToken)
        )
    }
}
