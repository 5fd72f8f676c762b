import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The handlers of an accepted connection: inspection, HTTP with the upgrade, then WebSocket.
enum ServerPipeline {
    /// What an HTTP request came to.
    private enum Upgrade: Sendable {
        case webSocket
        case refused
    }

    /// On the channel's event loop.
    ///
    /// Gives `accept` a way to make the channel usable once it is a WebSocket; closes the channel if it does not become
    /// one in time.
    static func configure(
        _ channel: any Channel,
        _ check: UpgradeCheck,
        _ settings: WebSocketServer.Configuration,
        accept: @escaping @Sendable (() throws -> UpgradedChannel) throws -> Void
    ) throws {
        let counter = ByteCounter()
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WireInspector(role: .server, counter: counter, limits: settings.limits))
        let upgrader = upgrader(check, settings.limits) { channel in
            let refusal = try channel.pipeline.syncOperations.handler(type: RefusalHandler.self)
            try accept {
                try UpgradedChannel(
                    channel,
                    role: .server,
                    counter: counter,
                    writeTimeout: settings.writeTimeout,
                    limits: settings.limits
                )
            }
            return channel.pipeline.syncOperations.removeHandler(refusal)
        }
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
        upgrade.whenComplete { _ in timeout.cancel() }
        channel.closeFuture.whenComplete { _ in timeout.cancel() }
    }

    /// `upgraded` is called on the event loop when a request was accepted and answered.
    private static func upgrader(
        _ check: UpgradeCheck,
        _ limits: FrameLimits,
        upgraded: @escaping @Sendable (any Channel) throws -> EventLoopFuture<Void>
    ) -> NIOTypedWebSocketServerUpgrader<Upgrade> {
        NIOTypedWebSocketServerUpgrader(
            maxFrameSize: limits.frameByteCountMax,
            enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, head in
                let refusal = check.refusal(of: head, localAddress: channel.localAddress?.ipAddress)
                return channel.eventLoop.makeSucceededFuture(refusal == nil ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { channel, _ in
                do {
                    return try upgraded(channel).map { .webSocket }
                } catch {
                    channel.close(promise: nil)
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }
        )
    }

    /// Answers a request that is no upgrade of ours, and hangs up.
    private static func refuse(_ channel: any Channel) -> EventLoopFuture<Upgrade> {
        let headers = HTTPHeaders([("Connection", "close"), ("Content-Length", "0")])
        let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
        channel.write(HTTPServerResponsePart.head(head), promise: nil)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
        return channel.eventLoop.makeSucceededFuture(.refused)
    }
}

/// Hangs up when what comes before the upgrade is not the HTTP that is taken here.
private final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
