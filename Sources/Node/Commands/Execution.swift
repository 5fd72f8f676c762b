import Objects
import Storage
package import SystemPackage

/// Where a command is carried out: in the node that runs on a root, or, if there is none, by opening the root here.
package struct Execution: Sendable {
    /// How long the connections a command may need are waited for, when no node is running.
    private static let connectTimeMax = Duration.seconds(3)

    private let root: FilePath
    private let secret: FilePath

    package init(root: FilePath, secret: FilePath) { (self.root, self.secret) = (root, secret) }

    /// False if no node is running.
    package func performInRunningNode<Command: NodeCommand>(
        _ command: Command,
        emit: @escaping @Sendable (Command.Item) async throws -> Void
    ) async throws -> Bool {
        try await ControlClient(path: Root(unchecked: root).controlSocket).perform(command, emit: emit)
    }

    package func perform<Command: NodeCommand>(
        _ command: Command,
        emit: @escaping @Sendable (Command.Item) async throws -> Void
    ) async throws {
        let node = try await Node.open(root: root, secret: secret) {
            try await performInRunningNode(command, emit: emit)
        }
        guard let node else { return }
        guard Command.needsPeers, node.identity != nil else { return try await command.run(on: node, emit: emit) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.runConnections() }
            await node.links.settle(within: Self.connectTimeMax, time: node.time)
            try await command.run(on: node, emit: emit)
            group.cancelAll()
        }
    }
}
