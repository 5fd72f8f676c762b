import Catalog
import Logging
import Objects
package import ServiceLifecycle
import Storage
import Synchronization
package import SystemPackage
import UnixSignals

/// A node that runs in this process until it is told to stop.
package struct Running: Sendable {
    package static let defaultListen = "\(Listening.preset)"

    private let root: FilePath
    private let secret: FilePath
    /// What else is to run on the node, from higher modules.
    private let additions: @Sendable (Node) -> [any Service]

    package init(
        root: FilePath,
        secretFile: FilePath,
        additions: @escaping @Sendable (Node) -> [any Service] = { _ in [] }
    ) {
        (self.root, secret, self.additions) = (root, secretFile, additions)
    }

    /// `listen` of iom.toml; nil if it says nothing or cannot be read, which opening the root tells better.
    package var configuredListen: String? {
        (try? Configuration(in: Root.open(at: root)))?.instance.listen
    }

    /// Serves the owner's other devices and local commands; returns after SIGINT or SIGTERM.
    ///
    /// `started` is told the address when others can connect.
    package func serve(listen: String, started: @escaping @Sendable (String) -> Void) async throws {
        let node = try await open()
        _ = try node.requireIdentity()
        try await run(node, listening: Listening(words: listen), bound: started, untilUnmounted: false) {}
    }

    /// Mounts, and serves local commands; returns when it is unmounted or told to stop.
    package func mount(_ command: Mounting, listen: String?, ready: @escaping @Sendable () -> Void) async throws {
        let node = try await open()
        try await run(node, listening: listen.map(Listening.init(words:)), bound: { _ in }, untilUnmounted: true) {
            try await node.mount(at: FilePath(command.directory), command.options)
            ready()
        }
    }

    private func open() async throws -> Node {
        guard let node = try await Node.open(root: root, secret: secret, recoversLater: true, unless: { false }) else {
            throw CommandError("\(root) cannot be opened")
        }
        return node
    }

    private func run(
        _ node: Node,
        listening: Listening?,
        bound: @escaping @Sendable (String) -> Void,
        untilUnmounted: Bool,
        begin: @escaping @Sendable () async throws -> Void
    ) async throws {
        let parts: [any Service] = [
            ConnectionService(node: node, listening: listening, bound: bound),
            ControlServer(node: node, path: node.root.controlSocket, logger: node.logger),
            MountService(node: node, untilUnmounted: untilUnmounted, begin: begin),
            WatchService(node: node),
            node.useWatch,
            PolicyWatch(node: node),
            SignalWatch(node: node),
            OpeningWatch(node: node),
            UsageService(node: node),
            ConversationLoader(node: node),
            PinKeeper(node: node),
            Pressure(node: node),
            ListKeeper(store: node.store, catalog: node.catalog, time: node.time),
            SpareMemory(catalog: node.catalog, time: node.time),
            Confirming(node: node),
            CensusTaker(node: node),
            Scrubber(store: node.store, catalog: node.catalog, time: node.time, random: node.random),
        ]
        let group = ServiceGroup(
            configuration: .init(
                services: (parts + additions(node)).map {
                    .init(
                        service: $0,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: [.sigint, .sigterm],
                logger: node.logger
            )
        )
        node.serving.store(true, ordering: .relaxed)
        try await group.run()
        node.events.flush()
        try node.catalog.flushVerdicts()
    }
}

/// Keeps in mind what is used, where anything ever goes.
private struct UsageService: Service {
    let node: Node

    func run() async throws {
        // One that ends would end them all.
        try await cancelWhenGracefulShutdown {
            guard node.policy.dropsObjects else { return try await gracefulShutdown() }
            try await node.usage.follow(node.useWatch.uses())
        }
    }
}

/// Keeps the connections to other instances.
private struct ConnectionService: Service {
    let node: Node
    let listening: Listening?
    let bound: @Sendable (String) -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await node.runConnections(listening: listening) { port in
                    node.bound(host: listening?.host ?? "", port: port)
                    bound(node.endpoint ?? "")
                }
            } catch is CancellationError {
                return
            }
        }
    }
}

/// Keeps the mounts, the first of which may belong to the start of the node.
private struct MountService: Service {
    let node: Node
    let untilUnmounted: Bool
    let begin: @Sendable () async throws -> Void

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await node.mounts.run(untilUnmounted: untilUnmounted) }
            group.addTask { try await begin() }
            // Not `waitForAll`, which keeps a failure to itself until the other has ended.
            for try await _ in group {}
        }
    }
}

/// Tells of what the store found damaged, and asks for it again elsewhere.
private struct WatchService: Service {
    let node: Node

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                try await node.finishRecovery()
            } catch {
                guard !Task.isCancelled else { return }
                node.logger.warning("looking for what was under way failed", metadata: LogReason.metadata(error))
            }
            for await finding in node.store.quarantined {
                let here = node.configuration.instance.name
                node.events.record(
                    .corruptObject,
                    source: here,
                    target: finding.hash.hex,
                    details: finding.reason,
                    failed: true
                )
                try? node.catalog.dropped([finding.hash])
                _ = try? await node.fetcher.fetch(finding.hash)
            }
        }
    }
}
