/// Fragmentation (one-protocol 1.5): large messages go as a start word, binary pieces, and an end word.
package enum Fragmentation {
    package static let pieceByteCountMax = 65_536
    /// A text of this many UTF-16 units is cut.
    package static let textUnitCountMin = 16_384
    static let startBinary = "fragmentation_start_binary"
    static let startText = "fragmentation_start_string"
    static let end = "fragmentation_end"

    /// A message as it goes to the layer below, before the keepalive escape.
    package static func outgoing(_ message: WireMessage) -> [WireMessage] {
        switch message {
        case .binary(let bytes):
            return bytes.count > pieceByteCountMax ? pieces(startBinary, bytes) : [message]
        case .text(let text):
            // A UTF-8 text has at least as many bytes as UTF-16 units.
            if text.utf8.count >= textUnitCountMin, text.utf16.count >= textUnitCountMin {
                return pieces(startText, Array(text.utf8))
            }
            return [.text([startBinary, startText, end].reduce(text) { Escape.escaped($0, word: $1) })]
        }
    }

    private static func pieces(_ start: String, _ bytes: [UInt8]) -> [WireMessage] {
        let cuts = stride(from: 0, to: bytes.count, by: pieceByteCountMax)
        let pieces = cuts.map { WireMessage.binary(Array(bytes[$0..<min($0 + pieceByteCountMax, bytes.count)])) }
        return [.text(start)] + pieces + [.text(end)]
    }
}

/// Puts fragmented messages together again.
package struct Reassembly {
    private var messageByteCountMax = FrameLimits.peers.messageByteCountMax
    private static let pieceCountMax = WebSocketLimits.fragmentCountMax

    private var started: (isText: Bool, pieceCount: Int, bytes: [UInt8])?

    package init() {}

    /// From now on messages may be so long.
    mutating func admit(messageByteCount: Int) { messageByteCountMax = messageByteCount }

    /// Takes a message from the layer below, keepalives removed; nil while more is to come.
    package mutating func incoming(_ message: WireMessage) throws(PeerError) -> WireMessage? {
        switch message {
        case .text(let text): try incoming(text)
        case .binary(let bytes): try incoming(bytes)
        }
    }

    private mutating func incoming(_ bytes: [UInt8]) throws(PeerError) -> WireMessage? {
        guard started != nil else { return .binary(bytes) }
        started?.bytes += bytes
        started?.pieceCount += 1
        guard let started, started.bytes.count <= messageByteCountMax, started.pieceCount <= Self.pieceCountMax
        else { throw .violated("a message is too long") }
        return nil
    }

    private mutating func incoming(_ text: String) throws(PeerError) -> WireMessage? {
        let isStartBinary = Escape.equals(text, Fragmentation.startBinary)
        if isStartBinary || Escape.equals(text, Fragmentation.startText) {
            guard started == nil else { throw .violated("a fragmented message inside another one") }
            started = (!isStartBinary, 0, [])
            return nil
        }
        if Escape.equals(text, Fragmentation.end) {
            guard let message = started else { throw .violated("the end of a message that was not started") }
            started = nil
            guard message.isText else { return .binary(message.bytes) }
            guard let text = String(validating: message.bytes, as: UTF8.self) else {
                throw .violated("a text is not UTF-8")
            }
            return .text(text)
        }
        guard started == nil else { throw .violated("a text inside a fragmented message") }
        let words = [Fragmentation.end, Fragmentation.startText, Fragmentation.startBinary]
        return .text(words.reduce(text) { Escape.unescaped($0, word: $1) })
    }
}
