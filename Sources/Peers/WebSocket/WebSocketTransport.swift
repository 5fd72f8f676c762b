import NIOCore

/// A WebSocket as a `Transport`.
///
/// Lives inside `run`, which closes the channel when its body returns.
package struct WebSocketTransport: Transport {
    fileprivate let inbound: NIOAsyncChannelInboundStream<WireMessage>
    fileprivate let outbound: NIOAsyncChannelOutboundWriter<WireMessage>
    fileprivate let channel: any Channel
    fileprivate let counter: ByteCounter
    fileprivate let pings: PingClock

    package var remoteAddress: String { channel.remoteAddress?.plainText ?? "unknown" }
    package var byteCounts: ByteCounts { counter.counts }
    package var byteMeter: ByteMeter { { [counter] in counter.counts } }

    package func messages() -> any AsyncIteratorProtocol<WireMessage, any Error> { inbound.makeAsyncIterator() }

    package func send(_ message: WireMessage) async throws { try await outbound.write(message) }

    package func ping() { channel.triggerUserOutboundEvent(PingRequest(), promise: nil) }

    package var roundTrip: Duration? { pings.roundTrip }

    package func close(_ reason: String) {
        channel.triggerUserOutboundEvent(CloseRequest(reason: reason), promise: nil)
    }
}

/// A channel whose upgrade is done, not yet in use.
struct UpgradedChannel: Sendable {
    private let channel: NIOAsyncChannel<WireMessage, WireMessage>
    private let counter: ByteCounter
    private let pings = PingClock()

    /// On the channel's event loop: puts the message handlers at the end of the pipeline.
    init(
        _ channel: any Channel,
        role: WebSocketRole,
        counter: ByteCounter,
        writeTimeout: Duration = WebSocketLimits.writeTimeout,
        limits: FrameLimits = .peers
    ) throws {
        let handler = MessageHandler(role: role, writeTimeout: writeTimeout, pings: pings)
        try channel.pipeline.syncOperations.addHandler(handler)
        var configuration = NIOAsyncChannel<WireMessage, WireMessage>.Configuration()
        if let count = limits.readAheadMax {
            configuration.backPressureStrategy = .init(lowWatermark: 1, highWatermark: count)
        }
        self.channel = try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: configuration)
        self.counter = counter
    }

    /// The body runs on the thread of the channel.
    func run<Result: Sendable>(_ body: (WebSocketTransport) async throws -> Result) async throws -> Result {
        try await withTaskExecutorPreference(LoopExecutor(channel.channel.eventLoop)) {
            try await channel.executeThenClose { inbound, outbound in
                try await body(
                    WebSocketTransport(
                        inbound: inbound,
                        outbound: outbound,
                        channel: channel.channel,
                        counter: counter,
                        pings: pings
                    )
                )
            }
        }
    }
}

extension SocketAddress {
    /// `address:port`, IPv6 in brackets.
    var plainText: String {
        guard let ipAddress, let port else { return description }
        return ipAddress.contains(":") ? "[\(ipAddress)]:\(port)" : "\(ipAddress):\(port)"
    }
}
