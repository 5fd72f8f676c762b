import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The handlers of a dialled connection: inspection, HTTP with the upgrade, then WebSocket.
enum ClientPipeline {
    /// On the channel's event loop.
    ///
    /// The future fails if the other side does not upgrade in time.
    static func configure(_ channel: any Channel, _ endpoint: Endpoint) throws -> EventLoopFuture<UpgradedChannel> {
        let counter = ByteCounter()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WireInspector(role: .client, counter: counter))
        let upgrader = NIOTypedWebSocketClientUpgrader<UpgradedChannel>(
            maxFrameSize: FrameLimits.peers.frameByteCountMax,
            enableAutomaticErrorHandling: false,
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    // Nothing was offered, so nothing may be chosen (RFC 6455 4.1).
                    for name in ["sec-websocket-extensions", "sec-websocket-protocol"]
                    where head.headers.contains(name: name) {
                        throw PeerError.violated("WebSocket: \(name)")
                    }
                    return try UpgradedChannel(channel, role: .client, counter: counter)
                }
            }
        )
        let headers = HTTPHeaders([("Host", endpoint.authority)])
        let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: endpoint.path, headers: headers)
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
                upgradeRequestHead: request,
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in
                    channel.close(promise: nil)
                    let error = PeerError.refused("the other side is no WebSocket server, or wants no connection")
                    return channel.eventLoop.makeFailedFuture(error)
                }
            )
        )
        configuration.leftOverBytesStrategy = .forwardBytes
        let upgrade = try pipeline.configureUpgradableHTTPClientPipeline(configuration: configuration)
        let timeout = channel.eventLoop.scheduleTask(in: PendingConnections.upgradeTimeMax) {
            channel.close(promise: nil)
        }
        return upgrade.always { _ in timeout.cancel() }
    }
}
