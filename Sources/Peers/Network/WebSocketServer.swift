import NIOCore
import NIOPosix
import NIOSSL

/// Accepts WebSockets at one port, and keeps those of strangers within their limits.
package struct WebSocketServer: Sendable {
    package struct Configuration: Sendable {
        package var host: String
        /// 0: any free one.
        package var port: Int
        /// Names people dial this server by, beside its addresses and `localhost`.
        package var hostNames: [String]
        /// nil: plain `ws`.
        package var certificate: ServerCertificate?
        /// How long a peer may take none of the bytes sent to it.
        package var writeTimeout = WebSocketLimits.writeTimeout
        var limits = FrameLimits.peers

        package init(
            host: String = "127.0.0.1",
            port: Int = 8765,
            hostNames: [String] = [],
            certificate: ServerCertificate? = nil
        ) {
            (self.host, self.port, self.hostNames, self.certificate) = (host, port, hostNames, certificate)
        }
    }

    let configuration: Configuration

    /// Serves until the task is cancelled, then closes all connections.
    ///
    /// `onBound` is told the port. `serve` runs for each WebSocket, and calls what it is given when the other side is
    /// no stranger any more.
    func run(
        onBound: @Sendable (Int) async -> Void,
        serve: @escaping @Sendable (WebSocketTransport, @escaping @Sendable () -> Void) async -> Void
    ) async throws(PeerError) {
        let pending = PendingConnections()
        let accepted = AcceptedConnections()
        let server: any Channel
        do {
            server = try await bind(pending, accepted)
        } catch {
            throw .unreachable("cannot listen on \(configuration.host):\(configuration.port): \(error)".printable())
        }
        await onBound(server.localAddress?.port ?? configuration.port)
        @Sendable func run(_ connection: AcceptedConnections.Connection) async {
            // If it throws, the channel was gone before it was closed.
            try? await connection.channel.run { transport in
                await serve(transport) { pending.remove(connection.number) }
            }
        }
        await withDiscardingTaskGroup { tasks in
            while let connection = await accepted.next() {
                tasks.addTask { await run(connection) }
            }
            server.close(promise: nil)
            pending.close()
            // A channel made for the async world has to be run, even if only to end.
            for connection in accepted.close() { tasks.addTask { await run(connection) } }
            tasks.cancelAll()
        }
        try? await server.closeFuture.get()
    }

    private func bind(_ pending: PendingConnections, _ accepted: AcceptedConnections) async throws -> any Channel {
        let check = UpgradeCheck(hostNames: configuration.hostNames + [configuration.host])
        let configuration = configuration
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.tcpOption(SocketBacklog.unsent), value: SocketBacklog.unsentByteCountMax)
            .childChannelOption(.writeBufferWaterMark, value: SocketBacklog.writeBuffer)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = pending.admit(channel)
                    if let context = configuration.certificate?.context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try ServerPipeline.configure(channel, check, configuration) { upgraded in
                        try accepted.add(number: number, upgraded)
                    }
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .get()
    }
}
