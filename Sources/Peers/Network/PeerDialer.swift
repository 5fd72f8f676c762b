import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization

/// Dials peers.
package struct PeerDialer: Sendable {
    static let connectTimeMax = TimeAmount.seconds(5)

    private let peering: Peering

    package init(peering: Peering) { self.peering = peering }

    /// Connects to the instance with this key and runs the group until the connection ends; returns if this side
    /// closed it.
    package func connect(
        to endpoint: Endpoint,
        instanceKey: [UInt8],
        group: any ConnectionGroup
    ) async throws(PeerError) {
        let opened = OpenedChannel()
        do {
            try await withTaskCancellationHandler {
                let channel = try await open(endpoint, opened)
                try await channel.run { transport in
                    try await peering.dial(transport, target: instanceKey, group: group)
                }
            } onCancel: {
                opened.abandon()
            }
        } catch let error as PeerError {
            opened.abandon()
            throw error
        } catch {
            opened.abandon()
            throw Task.isCancelled ? .cancelled : .unreachable("nobody answers at \(endpoint)".printable())
        }
    }

    /// Joins the owner's instances by an invitation.
    ///
    /// `onWords` is told the words both sides show while the custodian decides.
    package func join(
        _ invitation: Invitation,
        _ request: JoinRequest,
        onWords: @Sendable (ConfirmationWords) async -> Void
    ) async throws(PeerError) -> JoinReply {
        guard let endpoint = Endpoint(url: invitation.url) else { throw .refused("an invitation without an address") }
        let reply = OneShot<JoinReply>()
        await onWords(ConfirmationWords(custodianKey: invitation.publicKey, joining: request))
        let group = JoiningGroup(request: request, reply: reply)
        try await connect(to: endpoint, instanceKey: invitation.publicKey, group: group)
        guard let reply = reply.current else { throw .closed("the other side gave no answer") }
        return reply
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
