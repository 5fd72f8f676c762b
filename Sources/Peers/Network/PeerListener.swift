package import Logging

/// Listens for peers: one port for every connection group.
///
/// What happens on one connection stays there.
package struct PeerListener: Sendable {
    package typealias Configuration = WebSocketServer.Configuration

    private let server: WebSocketServer
    private let peering: Peering
    private let groups: [any ConnectionGroup]
    private let logger: Logger

    package init(
        _ configuration: Configuration,
        peering: Peering,
        groups: [any ConnectionGroup],
        logger: Logger
    ) {
        server = WebSocketServer(configuration: configuration)
        (self.peering, self.groups, self.logger) = (peering, groups, logger)
    }

    /// Serves until the task is cancelled, then closes all connections.
    ///
    /// `onBound` is told the port.
    package func run(onBound: @Sendable (Int) async -> Void = { _ in }) async throws(PeerError) {
        try await server.run(onBound: onBound) { transport, onAuthenticated in
            do throws(PeerError) {
                try await peering.accept(transport, groups: groups, onAuthenticated: onAuthenticated)
            } catch {
                logger.debug(
                    "connection ended",
                    metadata: ["address": "\(transport.remoteAddress)", "reason": "\(error.reason)"]
                )
            }
        }
    }
}
