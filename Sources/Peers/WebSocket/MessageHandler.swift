import NIOCore
import NIOWebSocket

/// Asks a channel's `MessageHandler` to close the WebSocket with code 1000 and this reason.
struct CloseRequest: Sendable {
    var reason: String
}

/// Asks for the same without a word and at once.
struct AbortRequest: Sendable {}

/// Asks for a ping.
struct PingRequest: Sendable {}

/// The last handler of the pipeline before the async world: frames to messages, pings to pongs, and every way to end.
///
/// Closing is one path whoever starts it: a close frame out, the write side shut, incoming bytes thrown away until the
/// other side hangs up or a second has passed.
final class MessageHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WireMessage
    typealias OutboundIn = WireMessage
    typealias OutboundOut = WebSocketFrame

    static let lingerTime = TimeAmount.seconds(1)

    private let role: WebSocketRole
    private let writeTimeout: TimeAmount
    private var assembly = MessageAssembly()
    private var isClosing = false
    private var stuck: Scheduled<Void>?
    private let pings: PingClock

    init(role: WebSocketRole, writeTimeout: Duration, pings: PingClock) {
        (self.role, self.writeTimeout, self.pings) = (role, TimeAmount(writeTimeout), pings)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        let frame = Self.unwrapInboundIn(data)
        let payload = frame.payload
        do throws(WireViolation) {
            let event = try assembly.receive(
                opcode: UInt8(webSocketOpcode: frame.opcode),
                final: frame.fin,
                payload: payload
            )
            switch event {
            case .message(let message): context.fireChannelRead(Self.wrapInboundOut(message))
            case .ping(let payload): pong(payload, context: context)
            case .pong(let payload): pings.answered(payload)
            case .close(let code, let reason):
                let error = PeerError.closed(CloseReason.received(reason))
                end(code: code ?? 1000, reason: "", error: error, context: context)
            case .none: break
            }
        } catch {
            violated(error, context: context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // Whoever reads above has gone: read on only to see the other side hang up.
        if isClosing { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .text(let text): write(.text, ByteBuffer(string: text), promise: promise, context: context)
        case .binary(let bytes): write(.binary, ByteBuffer(bytes: bytes), promise: promise, context: context)
        }
    }

    private func write(
        _ opcode: WebSocketOpcode,
        _ data: ByteBuffer,
        promise: EventLoopPromise<Void>?,
        context: ChannelHandlerContext
    ) {
        let mask: WebSocketMaskingKey? = role == .client ? .random() : nil
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: mask, data: data)
        context.write(Self.wrapOutboundOut(frame), promise: promise)
    }

    private func pong(_ payload: [UInt8], context: ChannelHandlerContext) {
        // A peer that sends pings and takes no answers does not get them queued.
        guard context.channel.isWritable else { return }
        write(.pong, ByteBuffer(bytes: payload), promise: nil, context: context)
        context.flush()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let violation as WireViolation: violated(violation, context: context)
        case is NIOWebSocketError: violated(.illegal("frame"), context: context)
        default:
            if !isClosing { context.fireErrorCaught(PeerError.closed(PeerError.lost)) }
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stuck?.cancel()
        if !isClosing { context.fireErrorCaught(PeerError.closed(PeerError.lost)) }
        isClosing = true
        context.fireChannelInactive()
    }
}

extension MessageHandler {
    /// A peer that takes nothing is cut off: without this it would hold what is queued for it for ever.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stuck?.cancel()
        stuck = nil
        if !context.channel.isWritable, !isClosing {
            stuck = context.eventLoop.assumeIsolated().scheduleTask(in: writeTimeout) { [self] in
                isClosing = true
                context.fireErrorCaught(PeerError.timedOut("the other side takes no data"))
                context.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event {
        case let request as CloseRequest:
            end(code: 1000, reason: request.reason, error: nil, context: context)
            promise?.succeed()
        case is AbortRequest: context.close(promise: promise)
        case is PingRequest:
            if !isClosing, context.channel.isWritable {
                write(.ping, ByteBuffer(bytes: pings.begin()), promise: nil, context: context)
                context.flush()
            }
            promise?.succeed()
        default: context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, context.channel.isActive else {
            context.close(mode: mode, promise: promise)
            return
        }
        end(code: 1000, reason: "", error: nil, context: context)
        context.channel.closeFuture.cascade(to: promise)
    }

    private func violated(_ violation: WireViolation, context: ChannelHandlerContext) {
        let error = PeerError.violated("WebSocket: \(violation.reason)")
        end(code: violation.code, reason: violation.reason, error: error, context: context)
    }

    /// The one path to the end.
    ///
    /// `error` is what the reader is told; nil: the end of the messages.
    private func end(code: UInt16, reason: String, error: PeerError?, context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        stuck?.cancel()
        var data = ByteBuffer(integer: code)
        data.writeString(reason.cut(byteCountMax: WebSocketLimits.closeReasonByteCountMax))
        let flushed = context.eventLoop.makePromise(of: Void.self)
        write(.connectionClose, data, promise: flushed, context: context)
        context.flush()
        let loop = context.eventLoop.assumeIsolated()
        flushed.futureResult.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
        loop.scheduleTask(in: Self.lingerTime) { context.close(promise: nil) }
        if let error { context.fireErrorCaught(error) }
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        context.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
        context.read()
    }
}
