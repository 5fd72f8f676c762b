/// How the instance is.
package struct ReportStatus: NodeCommand {
    package static let name = "status"

    package init() {}

    package typealias Item = StatusReport

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        try await emit(node.statusReport())
    }
}
