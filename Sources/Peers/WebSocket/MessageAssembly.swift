/// Puts messages together from frames, checks texts and closes.
///
/// Frames come in the order `FrameInspection` allows.
struct MessageAssembly {
    enum Event: Hashable {
        case message(WireMessage)
        case ping([UInt8])
        case pong([UInt8])
        /// The other side closes; no code given is nil.
        case close(code: UInt16?, reason: String)
        /// Nothing to do yet.
        case none
    }

    private var isText = false
    private var parts: [UInt8] = []

    /// Takes the opcode, the final bit and the unmasked payload of a frame.
    mutating func receive(opcode: UInt8, final: Bool, payload: [UInt8]) throws(WireViolation) -> Event {
        switch opcode {
        case 8: return try Self.close(payload)
        case 9: return .ping(payload)
        case 10: return .pong(payload)
        case 1, 2:
            isText = opcode == 1
            if final { return try message(payload) }
            parts = payload
        default:
            parts += payload
            if final {
                defer { parts = [] }
                return try message(parts)
            }
        }
        return .none
    }

    private func message(_ bytes: [UInt8]) throws(WireViolation) -> Event {
        guard isText else { return .message(.binary(bytes)) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText("text is not UTF-8") }
        return .message(.text(text))
    }

    /// RFC 6455 7.4: no payload, or a code that may be on the wire and a text.
    private static func close(_ payload: [UInt8]) throws(WireViolation) -> Event {
        guard !payload.isEmpty else { return .close(code: nil, reason: "") }
        guard payload.count >= 2 else { throw .illegal("close code cut") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .illegal("close code \(code)")
        }
        guard let reason = String(validating: payload.dropFirst(2), as: UTF8.self) else {
            throw .notText("close reason is not UTF-8")
        }
        return .close(code: code, reason: reason)
    }
}
