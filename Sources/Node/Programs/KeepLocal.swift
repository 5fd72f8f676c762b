/// Keeps everything below a process from fetching, until whoever asked for it goes away.
package struct KeepLocal: NodeCommand {
    package static let name = "keep-local"

    package var processID: Int32

    package init(processID: Int32) { self.processID = processID }

    /// From now on it is so.
    package struct Item: Codable, Sendable {}

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        node.gatekeeper.runs.begin(processID)
        defer { node.gatekeeper.runs.end(processID) }
        try await emit(Item())
        let (never, end) = AsyncStream<Void>.makeStream()
        for await _ in never {}
        end.finish()
    }
}
