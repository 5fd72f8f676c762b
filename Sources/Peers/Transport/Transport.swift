/// A pipe of whole messages to one peer, in order, both ways: a WebSocket, or in a simulation a pair of queues.
///
/// `close` ends it at once for this side: no message is delivered after it and none is sent.
package protocol Transport: Sendable {
    /// Where the other side is, for people and limits: `192.0.2.10:54321`.
    var remoteAddress: String { get }
    /// Bytes moved so far, as they lay on the wire.
    var byteCounts: ByteCounts { get }
    /// The same, to be asked also after the end, when the last bytes may still be under way.
    var byteMeter: ByteMeter { get }
    /// The messages in order. Called once. Ends with nil after a close by this side, and with a `PeerError` otherwise.
    func messages() -> any AsyncIteratorProtocol<WireMessage, any Error>
    /// Hands a message over; returns when there is room for another one.
    func send(_ message: WireMessage) async throws
    /// Asks the other side for a sign, if the pipe has a way to do so. Returns at once.
    func ping()
    /// How long the last sign took; nil: none has come.
    var roundTrip: Duration? { get }
    /// Closes with code 1000 and a reason, of which at most 123 bytes are sent. Returns at once; later calls do nothing.
    func close(_ reason: String)
}

/// Tells how much went through a connection; keeps nothing else of it.
package typealias ByteMeter = @Sendable () -> ByteCounts

extension Transport {
    package var byteMeter: ByteMeter { { byteCounts } }
    package func ping() {}
    package var roundTrip: Duration? { nil }
}

/// How much went through a connection.
package struct ByteCounts: Hashable, Sendable {
    package var received: Int
    package var sent: Int

    package init(received: Int = 0, sent: Int = 0) { (self.received, self.sent) = (received, sent) }

    package static func + (one: Self, other: Self) -> Self {
        Self(received: one.received + other.received, sent: one.sent + other.sent)
    }
}
