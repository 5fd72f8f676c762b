/// The receiving side of a connection: frames opened, keepalives removed, fragments put together, in order.
package struct IncomingMessages: ~Copyable {
    private let connection: Connection
    private var iterator: any AsyncIteratorProtocol<WireMessage, any Error>
    private var opener: FrameOpener
    private var reassembly = Reassembly()

    init(
        connection: Connection,
        iterator: any AsyncIteratorProtocol<WireMessage, any Error>,
        opener: consuming FrameOpener
    ) {
        self.connection = connection
        self.iterator = iterator
        self.opener = opener
    }

    /// From now on messages may be so long: the other side is somebody who may send them.
    mutating func admit(messageByteCount: Int) { reassembly.admit(messageByteCount: messageByteCount) }

    /// The next message for the layers above.
    ///
    /// Throws at the end, with its reason.
    package mutating func next() async throws(PeerError) -> WireMessage {
        while true {
            let message: WireMessage?
            do { message = try await iterator.next(isolation: #isolation) } catch {
                throw connection.endReason ?? PeerError(error)
            }
            guard message != nil else { throw connection.endReason ?? .cancelled }
            connection.noteReceived()
            // Taken out of the message, so that it is opened where it lies.
            guard case .binary(let frame)? = consume message else {
                throw .violated("a text frame after the key exchange")
            }
            if let whole = try receive(try opener.open(frame)) { return whole }
        }
    }

    private mutating func receive(_ message: WireMessage) throws(PeerError) -> WireMessage? {
        guard case .text(let escaped) = message else { return try reassembly.incoming(message) }
        guard let text = Keepalive.incoming(escaped) else { return nil }
        return try reassembly.incoming(.text(text))
    }
}

extension PeerError {
    /// What an error of a layer below means here.
    init(_ error: any Error) {
        switch error {
        case let error as PeerError: self = error
        case is CancellationError: self = .cancelled
        default: self = .closed(Self.lost)
        }
    }
}
