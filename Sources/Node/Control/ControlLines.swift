import NIOCore
import NIOPosix

/// Newline-ended lines out of a byte stream.
struct LineDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    /// Longest line; a command with a message of this size is refused.
    static let lineByteCountMax = 16 << 20

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let length = buffer.readableBytesView.firstIndex(of: 0x0A).map({ $0 - buffer.readerIndex }) else {
            guard buffer.readableBytes <= Self.lineByteCountMax else { throw CommandError("a line is too long") }
            return .needMoreData
        }
        if let line = buffer.readSlice(length: length) {
            buffer.moveReaderIndex(forwardBy: 1)
            context.fireChannelRead(wrapInboundOut(line))
        }
        return .continue
    }
}

/// Both ends of the control socket speak lines.
typealias LineChannel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

extension NIOCore.Channel {
    /// Adds the line decoder and wraps the channel.
    func asLines() -> EventLoopFuture<LineChannel> {
        eventLoop.makeCompletedFuture {
            try pipeline.syncOperations.addHandler(ByteToMessageHandler(LineDecoder()))
            return try LineChannel(wrappingChannelSynchronously: self)
        }
    }
}
