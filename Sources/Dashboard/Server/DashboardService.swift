import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
package import Node
import ServiceLifecycle

/// The page about a node, live, and its metrics for Prometheus: on this computer only, unless configured.
///
/// While nobody looks it does nothing at all: what the page shows is made for who looks at it.
package struct DashboardService: Service {
    /// Beside the port for other instances; several instances of one computer take one each.
    private static let usualPorts = 8766..<8798
    private static let loopback = "127.0.0.1"
    private static let connectionCountMax = 64
    private static let headerByteCountMax = 16 << 10
    private static let headerCountMax = 64
    /// After which a connection that says nothing is closed.
    private static let idleTimeMax = TimeAmount.seconds(60)

    private let node: Node
    private let feed: LiveFeed

    package init(node: Node) {
        self.node = node
        feed = LiveFeed(node: node)
    }

    package func run() async {
        // One that ends would end the node with it.
        await cancelWhenGracefulShutdown {
            if node.configuration.dashboard.enabled ?? true {
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await feed.run() }
                    group.addTask { await serve() }
                    await group.waitForAll()
                }
            } else {
                node.browserDoor.close(because: "`dashboard.enabled` of iom.toml is false")
            }
            try? await gracefulShutdown()
        }
    }

    private func serve() async {
        var reason = "no port is free"
        for (host, port) in places {
            do {
                return try await serve(host, port)
            } catch {
                guard !Task.isCancelled else { return }
                reason = "it cannot listen on \(host):\(port): \(error)"
            }
        }
        node.browserDoor.close(because: "\(reason); change `dashboard.listen` of iom.toml")
        node.logger.warning("there is no dashboard", metadata: ["reason": "\(reason)"])
    }

    /// Where it may be, the best first.
    private var places: [(host: String, port: Int)] {
        if let words = node.configuration.dashboard.listen, let listening = try? Listening(words: words) {
            return [(listening.host, listening.port)]
        }
        let ports = [node.browserDoor.lastPort].compactMap(\.self) + Self.usualPorts + [0]
        return ports.map { (Self.loopback, $0) }
    }

    private func serve(_ host: String, _ port: Int) async throws {
        let bound = BoundNames()
        let configured = node.configuration.dashboard.hosts ?? []
        let pages = Pages(node: node, feed: feed)
        let areMetricsOpen = node.configuration.dashboard.openMetrics ?? false
        let gate = Gate(door: node.browserDoor, areMetricsOpen: areMetricsOpen) { bound.current }
        let responder = pages.router(gate: gate).buildResponder()
        let connections = OpenConnections()
        let server = try HTTPServerBuilder.http1(configuration: Self.channelConfiguration).buildServer(
            configuration: ServerConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: .maximum(Self.connectionCountMax, logger: node.logger)
            ),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quietLogger
        ) { request, writer, channel in
            connections.add(channel)
            let context = BasicRequestContext(source: .init(channel: channel, logger: node.logger))
            let response = try await responder.respond(to: request, context: context)
            try await writer.write(response: response.head, body: response.body)
            if response.headers[.connection] == "close" { connections.linger(channel) }
        } onServerRunning: { channel in
            let names = HostNames(host: host, port: channel.localAddress?.port ?? port, configured: configured)
            bound.set(names)
            node.browserDoor.open(at: names.address, port: names.port)
        }
        try await withTaskCancellationHandler {
            try await server.run()
        } onCancel: {
            connections.closeAll()
        }
    }

    private static var channelConfiguration: HTTP1Channel.Configuration {
        var limits = HTTP1Channel.Configuration.DecoderConfiguration()
        limits.maxHeaderFieldSize = headerByteCountMax
        limits.maxHeaderListSize = headerByteCountMax
        limits.maxHeaderFieldCount = headerCountMax
        return .init(idleTimeout: idleTimeMax, httpDecoderConfiguration: limits)
    }

    /// That a server started, and that its end cancels what it waits for, is no news.
    private var quietLogger: Logger {
        var logger = node.logger
        if logger.logLevel > .debug { logger.logLevel = .critical }
        return logger
    }
}
