import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The handlers of an accepted connection: inspection, HTTP with the upgrade, then WebSocket.
enum ServerPipeline {
    /// On the channel's event loop. The future fails if there is no request in time.
    static func configure(
        _ channel: any Channel, _ check: UpgradeCheck
    ) throws -> EventLoopFuture<PeerListener.Upgrade> {
        let counter = ByteCounter()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WireInspector(role: .server, counter: counter))
        let upgrader = NIOTypedWebSocketServerUpgrader<PeerListener.Upgrade>(
            maxFrameSize: WebSocketLimits.frameByteCountMax,
            enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                let refusal = check.refusal(of: head, localAddress: channel.localAddress?.ipAddress)
                return channel.eventLoop.makeSucceededFuture(refusal == nil ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    .webSocket(try UpgradedChannel(channel, role: .server, counter: counter))
                }
            }
        )
        var configuration = NIOUpgradableHTTPServerPipelineConfiguration(
            upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in refuse(channel) }
            )
        )
        configuration.enablePipelining = false
        let upgrade = try pipeline.configureUpgradableHTTPServerPipeline(configuration: configuration)
        try pipeline.addHandler(RefusalHandler())
        let timeout = channel.eventLoop.scheduleTask(in: PendingConnections.upgradeTimeMax) {
            channel.close(promise: nil)
        }
        return upgrade.always { _ in timeout.cancel() }
    }

    /// Answers a request that is no upgrade of ours, and hangs up.
    private static func refuse(_ channel: any Channel) -> EventLoopFuture<PeerListener.Upgrade> {
        let headers = HTTPHeaders([("Connection", "close"), ("Content-Length", "0")])
        let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeSucceededFuture(.refused)
    }
}

/// Hangs up when what came is not HTTP, or not the HTTP that is taken here.
private final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After the upgrade the handlers behind this one decide.
        switch error {
        case is WireViolation, is NIOWebSocketError, is PeerError: break
        default: context.close(promise: nil)
        }
        context.fireErrorCaught(error)
    }
}
