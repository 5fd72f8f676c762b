/// What a relay takes from outside.
package struct RelayLimits: Hashable, Sendable {
    /// Connections of one listener that wait; the oldest goes for a new one.
    package var sparesPerKey = 8
    package var sparesPerAddress = 64
    package var connections = 512
    package var connectionsPerAddress = 256
    /// Of one message: what the layers above send is at most 65,808 bytes long (one-protocol 1.1).
    package var messageByteCount = 1 << 17
    /// From the WebSocket to the end of the authentication, or to the request to be passed on.
    package var handshakeTime = Peering.handshakeTimeMax
    /// Without a message in either direction: peers say something every 20 seconds (one-protocol 1.4).
    package var idleTime = Duration.seconds(60)
    package var pingInterval = Duration.seconds(25)
    package var pongTime = Duration.seconds(5)
    /// How long a side may take none of what is sent to it.
    package var writeTimeout = WebSocketLimits.writeTimeout

    package init() {}

    /// Messages read ahead of a slow reader: with what waits in the socket's buffers, all that a connection can hold.
    static let readAheadMax = 2

    var frames: FrameLimits {
        FrameLimits(
            frameByteCountMax: messageByteCount,
            messageByteCountMax: messageByteCount,
            readAheadMax: Self.readAheadMax
        )
    }
}
