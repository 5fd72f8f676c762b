import NIOCore
import Synchronization

/// Counts the bytes of a connection where they move.
final class ByteCounter: Sendable {
    private let received = Atomic<Int>(0)
    private let sent = Atomic<Int>(0)

    func add(received count: Int) { received.wrappingAdd(count, ordering: .relaxed) }
    func add(sent count: Int) { sent.wrappingAdd(count, ordering: .relaxed) }

    var counts: ByteCounts {
        ByteCounts(received: received.load(ordering: .relaxed), sent: sent.load(ordering: .relaxed))
    }
}

/// The first handler of the pipeline: shows every incoming byte to the inspections before NIO's codecs see it, and lets
/// nothing through after the first illegal one.
///
/// What was wrong goes down the pipeline as a `WireViolation`.
final class WireInspector: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case head(HeadInspection)
        case frames(FrameInspection)
        case lost
    }

    private var phase: Phase = .head(HeadInspection())
    private let role: WebSocketRole
    private let counter: ByteCounter
    private let limits: FrameLimits

    init(role: WebSocketRole, counter: ByteCounter, limits: FrameLimits = .peers) {
        (self.role, self.counter, self.limits) = (role, counter, limits)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = Self.unwrapInboundIn(data)
        counter.add(received: buffer.readableBytes)
        do throws(WireViolation) {
            try inspect(buffer.readableBytesView[...])
        } catch {
            phase = .lost
            context.fireErrorCaught(error)
        }
        if case .lost = phase { return }
        context.fireChannelRead(data)
    }

    private func inspect(_ bytes: ByteBufferView) throws(WireViolation) {
        var rest = bytes
        if case .head(var head) = phase {
            let count = try head.inspect(rest)
            phase = .head(head)
            guard let count else { return }
            phase = .frames(FrameInspection(role: role, limits: limits))
            rest = rest.dropFirst(count)
        }
        if case .frames(var frames) = phase {
            phase = .lost  // so that the inspection is not copied
            try frames.inspect(rest)
            phase = .frames(frames)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        counter.add(sent: Self.unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }
}
