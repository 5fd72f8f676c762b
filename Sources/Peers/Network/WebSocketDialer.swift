import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// Opens WebSockets.
struct WebSocketDialer: Sendable {
    static let connectTimeMax = TimeAmount.seconds(5)

    let authorities: TrustedAuthorities

    /// Runs the body with a new WebSocket, which is closed when the body returns or throws, or the task is cancelled.
    func run(_ endpoint: Endpoint, body: (WebSocketTransport) async throws -> Void) async throws(PeerError) {
        let opened = OpenedChannel()
        do {
            try await withTaskCancellationHandler {
                let channel = try await open(endpoint, opened)
                try await channel.run(body)
            } onCancel: {
                opened.abandon()
            }
        } catch let error as PeerError {
            opened.abandon()
            throw error
        } catch {
            opened.abandon()
            if Task.isCancelled { throw .cancelled }
            throw PeerError.untrusted(error, endpoint) ?? .unreachable("nobody answers at \(endpoint)".printable())
        }
    }

    private func open(_ endpoint: Endpoint, _ opened: OpenedChannel) async throws -> UpgradedChannel {
        let upgrade: EventLoopFuture<UpgradedChannel> = try await ClientBootstrap(
            group: LoopExecutor.dialled.loop
        )
        .connectTimeout(Self.connectTimeMax)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelOption(.tcpOption(SocketBacklog.unsent), value: SocketBacklog.unsentByteCountMax)
        .channelOption(.writeBufferWaterMark, value: SocketBacklog.writeBuffer)
        .connect(host: endpoint.host, port: endpoint.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                opened.set(channel)
                if endpoint.isSecure { try authorities.secure(channel, to: endpoint) }
                return try ClientPipeline.configure(channel, endpoint)
            }
        }
        return try await upgrade.get()
    }
}

/// The channel of a dial, so that a cancelled one does not wait for a time-out.
private final class OpenedChannel: Sendable {
    private let state = Mutex<(channels: [any Channel], isAbandoned: Bool)>(([], false))

    /// Several may be tried for one name.
    func set(_ channel: any Channel) {
        let isAbandoned = state.withLock { state in
            state.channels.append(channel)
            return state.isAbandoned
        }
        if isAbandoned { channel.close(promise: nil) }
    }

    func abandon() {
        let channels = state.withLock { state in
            state.isAbandoned = true
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
