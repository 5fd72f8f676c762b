package import Objects

/// What both directions of a connection are encrypted with: one key, separated by the parity of the nonces.
package struct SessionKeys: Sendable {
    package let key: SharedKey
    /// Counter of the first frame this side sends: 1 for the initiator, 0 for the acceptor.
    package let firstSent: UInt64
    package let firstReceived: UInt64

    package init(key: SharedKey, isInitiator: Bool) {
        (self.key, firstSent, firstReceived) = (key, isInitiator ? 1 : 0, isInitiator ? 0 : 1)
    }
}

/// A nonce of the counter (one-protocol 1.3): 16 zero bytes, then the counter as 64 bits big endian; goes up in twos.
package struct NonceCounter: ~Copyable {
    private var next: UInt64

    package init(first: UInt64) { next = first }

    package mutating func advance() -> [UInt8] {
        defer { next += 2 }
        return Self.nonce(next)
    }

    package static func nonce(_ counter: UInt64) -> [UInt8] {
        (0..<24).map { $0 < 16 ? 0 : UInt8(truncatingIfNeeded: counter >> UInt64(8 * (23 - $0))) }
    }
}

/// Turns messages into encrypted frames.
///
/// Not copyable: a nonce must never be used twice.
package struct FrameSealer: ~Copyable {
    private let key: SharedKey
    private var counter: NonceCounter

    package init(_ keys: SessionKeys) { self.init(key: keys.key, first: keys.firstSent) }

    package init(key: SharedKey, first: UInt64) {
        self.key = key
        counter = NonceCounter(first: first)
    }

    package mutating func seal(_ message: WireMessage, random: some RandomSource) -> [UInt8] {
        let nonce = counter.advance()
        let before = Padding.before(message, random: random)
        let byteCount = SharedKey.overheadByteCount + before.count + message.byteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { frame, count in
            // Written once, then sealed where it lies.
            let padded = UnsafeMutableBufferPointer(rebasing: frame[SharedKey.overheadByteCount...])
            _ = padded.update(fromContentsOf: before)
            let rest = UnsafeMutableBufferPointer(rebasing: padded[before.count...])
            switch message {
            case .text(let text): _ = rest.update(fromContentsOf: text.utf8)
            case .binary(let bytes): _ = rest.update(fromContentsOf: bytes)
            }
            key.seal(UnsafeMutableBufferPointer(rebasing: frame[..<byteCount]), nonce: nonce)
            count = byteCount
        }
    }
}

/// Turns encrypted frames back into messages, in their order.
package struct FrameOpener: ~Copyable {
    private let key: SharedKey
    private var counter: NonceCounter

    package init(_ keys: SessionKeys) { self.init(key: keys.key, first: keys.firstReceived) }

    package init(key: SharedKey, first: UInt64) {
        self.key = key
        counter = NonceCounter(first: first)
    }

    /// A frame that does not open ends the connection: forged, damaged, replayed or out of order.
    package mutating func open(_ frame: consuming [UInt8]) throws(PeerError) -> WireMessage {
        let nonce = counter.advance()
        let key = key
        guard frame.withUnsafeMutableBufferPointer({ key.open($0, nonce: nonce) }) else {
            throw .violated("an encrypted frame does not open")
        }
        guard let message = Padding.unpad(frame[SharedKey.overheadByteCount...]) else {
            throw .violated("an encrypted frame is padded wrongly")
        }
        return message
    }
}
