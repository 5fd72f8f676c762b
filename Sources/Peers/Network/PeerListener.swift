package import Logging
import NIOCore
import NIOPosix

/// Listens for peers: one port for every connection group.
///
/// What happens on one connection stays there.
package struct PeerListener: Sendable {
    package struct Configuration: Sendable {
        package var host: String
        /// 0: any free one.
        package var port: Int
        /// Names people dial this instance by, beside its addresses and `localhost`.
        package var hostNames: [String]
        /// How long a peer may take none of the bytes sent to it.
        package var writeTimeout = WebSocketLimits.writeTimeout

        package init(host: String = "127.0.0.1", port: Int = 8765, hostNames: [String] = []) {
            (self.host, self.port, self.hostNames) = (host, port, hostNames)
        }
    }

    private let configuration: Configuration
    private let peering: Peering
    private let groups: [any ConnectionGroup]
    private let logger: Logger

    package init(
        _ configuration: Configuration,
        peering: Peering,
        groups: [any ConnectionGroup],
        logger: Logger
    ) {
        (self.configuration, self.peering, self.groups, self.logger) = (configuration, peering, groups, logger)
    }

    /// Serves until the task is cancelled, then closes all connections.
    ///
    /// `onBound` is told the port.
    package func run(onBound: @Sendable (Int) async -> Void = { _ in }) async throws(PeerError) {
        let pending = PendingConnections()
        let accepted = AcceptedConnections()
        let server: any Channel
        do {
            server = try await bind(pending, accepted)
        } catch {
            throw .unreachable("cannot listen on \(configuration.host):\(configuration.port): \(error)".printable())
        }
        await onBound(server.localAddress?.port ?? configuration.port)
        await withDiscardingTaskGroup { tasks in
            while let connection = await accepted.next() {
                tasks.addTask { await serve(connection, pending) }
            }
            server.close(promise: nil)
            pending.close()
            // A channel made for the async world has to be run, even if only to end.
            for connection in accepted.close() { tasks.addTask { await serve(connection, pending) } }
            tasks.cancelAll()
        }
        try? await server.closeFuture.get()
    }

    private func bind(_ pending: PendingConnections, _ accepted: AcceptedConnections) async throws -> any Channel {
        let check = UpgradeCheck(hostNames: configuration.hostNames + [configuration.host])
        let timeout = configuration.writeTimeout
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.tcpOption(SocketBacklog.unsent), value: SocketBacklog.unsentByteCountMax)
            .childChannelOption(.writeBufferWaterMark, value: SocketBacklog.writeBuffer)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = pending.admit(channel)
                    try ServerPipeline.configure(channel, check, writeTimeout: timeout) { upgraded in
                        try accepted.add(number: number, upgraded)
                    }
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .get()
    }

    private func serve(_ connection: AcceptedConnections.Connection, _ pending: PendingConnections) async {
        do {
            try await connection.channel.run { transport in
                do throws(PeerError) {
                    try await peering.accept(transport, groups: groups) { pending.remove(connection.number) }
                } catch {
                    logger.debug(
                        "connection ended",
                        metadata: ["address": "\(transport.remoteAddress)", "reason": "\(error.reason)"]
                    )
                }
            }
        } catch {
            // The channel was gone before it was closed.
        }
    }
}
