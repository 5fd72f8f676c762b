/// What was wrong with a frame or message, as a WebSocket close says it (RFC 6455 7.4.1).
struct WireViolation: Error, Hashable {
    /// 1002 protocol error, 1007 not UTF-8, 1009 too big.
    var code: UInt16
    var reason: String

    static func illegal(_ reason: String) -> Self { Self(code: 1002, reason: reason) }
    static func notText(_ reason: String) -> Self { Self(code: 1007, reason: reason) }
    static func tooBig(_ reason: String) -> Self { Self(code: 1009, reason: reason) }
}

/// Which end of the WebSocket this side is: clients mask, servers do not (RFC 6455 5.1).
enum WebSocketRole: Hashable, Sendable { case client, server }

/// How much one side takes at once.
///
/// The layers above keep frames at 65,808 bytes (one-protocol 1.1).
struct FrameLimits: Hashable, Sendable {
    var frameByteCountMax: Int
    var messageByteCountMax: Int
    /// Messages that are read ahead of whoever takes them; nil: as many as NIO finds right.
    var readAheadMax: Int?

    static let peers = FrameLimits(frameByteCountMax: 1 << 20, messageByteCountMax: 4 << 20)
}

/// Further limits of the WebSocket layer.
enum WebSocketLimits {
    static let fragmentCountMax = 1024
    static let controlByteCountMax = 125
    static let headByteCountMax = 16 << 10
    static let headLineCountMax = 64
    static let closeReasonByteCountMax = 123
    /// How long the other side may take none of the bytes sent to it.
    static let writeTimeout = Duration.seconds(20)
}
