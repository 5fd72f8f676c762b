/// Watches the bytes of an HTTP head up to its empty line: size, count of lines, and characters that make
/// implementations disagree on where a line ends (RFC 9112 2.2).
struct HeadInspection {
    private var byteCount = 0
    private var lineCount = 0
    private var lineByteCount = 0
    private var previous: UInt8 = 0

    /// How many of these bytes belong to the head; nil: all, and more will follow.
    mutating func inspect(_ bytes: some RandomAccessCollection<UInt8>) throws(WireViolation) -> Int? {
        var count = 0
        for byte in bytes {
            count += 1
            byteCount += 1
            guard byteCount <= WebSocketLimits.headByteCountMax else { throw .tooBig("head too long") }
            guard byte != 0, byte != 0x7F else { throw .illegal("control character in the head") }
            guard (byte == 10) == (previous == 13) else { throw .illegal("bare line end in the head") }
            previous = byte
            switch byte {
            case 10:
                if lineByteCount == 0 { return count }
                lineCount += 1
                lineByteCount = 0
                guard lineCount <= WebSocketLimits.headLineCountMax else { throw .tooBig("too many headers") }
            case 13: break
            case 0..<32 where byte != 9: throw .illegal("control character in the head")
            default: lineByteCount += 1
            }
        }
        return nil
    }
}
