/// How the instance is.
package struct ReportStatus: NodeCommand {
    package static let name = "status"

    package init() {}

    package typealias Item = Snapshot

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        try await emit(node.freshSnapshot())
    }
}
