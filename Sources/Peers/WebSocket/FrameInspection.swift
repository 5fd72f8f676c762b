/// Watches the bytes of incoming WebSocket frames for everything RFC 6455 forbids and NIO's decoder lets pass.
///
/// Runs before the decoder, on the same bytes, however they are cut. After a throw the stream is lost.
///
///     FIN RSV RSV RSV opcode(4) | MASK length(7) | length(16 or 64) | masking key(32) | payload
struct FrameInspection {
    private let peerMasks: Bool
    private let limits: FrameLimits
    /// The bytes of the header so far; at most 14.
    private var header: [UInt8] = []
    private var payloadByteCountLeft = 0
    /// Of the fragmented message in progress; nil outside one.
    private var fragmented: (fragmentCount: Int, byteCount: Int)?

    init(role: WebSocketRole, limits: FrameLimits = .peers) { (peerMasks, self.limits) = (role == .server, limits) }

    mutating func inspect(_ bytes: some RandomAccessCollection<UInt8>) throws(WireViolation) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if payloadByteCountLeft > 0 {
                let count = min(payloadByteCountLeft, rest.count)
                payloadByteCountLeft -= count
                rest = rest.dropFirst(count)
            } else if let byte = rest.first {
                header.append(byte)
                rest = rest.dropFirst()
                try inspectHeader()
            }
        }
    }

    private mutating func inspectHeader() throws(WireViolation) {
        switch header.count {
        case 1: try inspectFirst(header[0])
        case 2: try inspectSecond(header[1], control: header[0] & 8 != 0, final: header[0] & 0x80 != 0)
        default: break
        }
        let lengthByteCount = Self.lengthByteCount(header)
        if header.count == 2 + lengthByteCount { try inspectLength() }
        if header.count == 2 + lengthByteCount + (peerMasks ? 4 : 0) {
            payloadByteCountLeft = Int(Self.length(header))
            header.removeAll(keepingCapacity: true)
        }
    }

    private func inspectFirst(_ byte: UInt8) throws(WireViolation) {
        guard byte & 0x70 == 0 else { throw .illegal("reserved bit set") }
        switch byte & 15 {
        case 0: guard fragmented != nil else { throw .illegal("continuation without start") }
        case 1, 2: guard fragmented == nil else { throw .illegal("new message inside a fragmented one") }
        case 8, 9, 10: guard byte & 0x80 != 0 else { throw .illegal("fragmented control frame") }
        default: throw .illegal("reserved opcode")
        }
    }

    private func inspectSecond(_ byte: UInt8, control: Bool, final: Bool) throws(WireViolation) {
        guard (byte & 0x80 != 0) == peerMasks else { throw .illegal(peerMasks ? "unmasked frame" : "masked frame") }
        guard !control || byte & 0x7F <= WebSocketLimits.controlByteCountMax else {
            throw .illegal("control frame too long")
        }
    }

    /// Once the length is known: minimal form, limits, and the accounts of a fragmented message.
    private mutating func inspectLength() throws(WireViolation) {
        let length = Self.length(header)
        switch header[1] & 0x7F {
        case 126: guard length > 125 else { throw .illegal("length not in its shortest form") }
        case 127: guard length > 0xFFFF, length >> 63 == 0 else { throw .illegal("length not in its shortest form") }
        default: break
        }
        guard length <= UInt64(limits.frameByteCountMax) else { throw .tooBig("frame too long") }
        guard header[0] & 8 == 0 else { return }
        var message = fragmented ?? (0, 0)
        message.fragmentCount += 1
        message.byteCount += Int(length)
        guard message.fragmentCount <= WebSocketLimits.fragmentCountMax else { throw .tooBig("too many fragments") }
        guard message.byteCount <= limits.messageByteCountMax else { throw .tooBig("message too long") }
        fragmented = header[0] & 0x80 != 0 ? nil : message
    }

    private static func lengthByteCount(_ header: [UInt8]) -> Int {
        guard header.count >= 2 else { return .max >> 1 }
        return switch header[1] & 0x7F {
        case 126: 2
        case 127: 8
        default: 0
        }
    }

    private static func length(_ header: [UInt8]) -> UInt64 {
        let count = lengthByteCount(header)
        if count == 0 { return UInt64(header[1] & 0x7F) }
        return header[2..<2 + count].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
