package import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Listens for peers: one port for every connection group. What happens on one connection stays there.
package struct PeerListener: Sendable {
    package struct Configuration: Sendable {
        package var host: String
        /// 0: any free one.
        package var port: Int
        /// Names people dial this instance by, beside its addresses and `localhost`.
        package var hostNames: [String]

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

    /// What an HTTP request of a new connection came to.
    enum Upgrade: Sendable {
        case webSocket(UpgradedChannel)
        case refused
    }

    /// Serves until the task is cancelled, then closes all connections. `onBound` is told the port.
    package func run(onBound: @Sendable (Int) async -> Void = { _ in }) async throws(PeerError) {
        let pending = PendingConnections()
        do {
            let server = try await bind(pending)
            await onBound(server.channel.localAddress?.port ?? configuration.port)
            try await withThrowingDiscardingTaskGroup { tasks in
                try await server.executeThenClose { connections in
                    for try await connection in connections {
                        tasks.addTask { await serve(connection, pending) }
                    }
                }
                tasks.cancelAll()
            }
        } catch let error as IOError {
            throw .unreachable("cannot listen on \(configuration.host):\(configuration.port): \(error.description)")
        } catch {
            throw PeerError(error)
        }
    }

    private struct Accepted: Sendable {
        let channel: any Channel
        let number: Int
        let upgrade: EventLoopFuture<Upgrade>
    }

    private func bind(_ pending: PendingConnections) async throws -> NIOAsyncChannel<Accepted, Never> {
        let check = UpgradeCheck(hostNames: configuration.hostNames + [configuration.host])
        return try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: configuration.host, port: configuration.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = pending.admit(channel)
                    return Accepted(
                        channel: channel, number: number, upgrade: try ServerPipeline.configure(channel, check))
                }
            }
    }

    private func serve(_ accepted: Accepted, _ pending: PendingConnections) async {
        let address = accepted.channel.remoteAddress?.plainText ?? "unknown"
        do {
            let upgrade = try await withTaskCancellationHandler {
                try await accepted.upgrade.get()
            } onCancel: {
                accepted.channel.close(promise: nil)
            }
            guard case .webSocket(let channel) = upgrade else { return }
            try await channel.run { transport in
                try await peering.accept(transport, groups: groups) { pending.remove(accepted.number) }
            }
        } catch {
            let reason = (error as? PeerError)?.reason ?? "connection lost"
            logger.debug("connection ended", metadata: ["address": "\(address)", "reason": "\(reason)"])
        }
    }
}
