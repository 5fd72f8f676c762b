import Glibc
import NIOCore

/// How much of what was sent may still wait on this side: what is urgent cannot overtake it any more.
enum SocketBacklog {
    /// Bytes the kernel holds before the first of them is on the wire (TCP_NOTSENT_LOWAT, tcp(7)); beyond it a socket
    /// counts as full, whatever its buffer takes.
    static let unsentByteCountMax = 128 << 10
    /// Bytes that wait for the kernel before writers wait for them.
    static let writeBuffer = ChannelOptions.Types.WriteBufferWaterMark(low: 32 << 10, high: 128 << 10)
    static let unsent = NIOBSDSocket.Option(rawValue: TCP_NOTSENT_LOWAT)
}
