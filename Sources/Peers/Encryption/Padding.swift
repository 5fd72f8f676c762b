import Objects

/// The inside of an encrypted frame (one-protocol 1.3).
///
///     F1: flag(4) n(4) | F2: count of padding bytes, big endian, n bytes | F3: padding | message
///
/// Flag bit 0 tells a text from a binary message.
package enum Padding {
    /// The count of bytes of F2 that a sender uses for this many extra bytes (F2 and F3 together).
    private static func lengthByteCount(extraByteCount: Int) -> Int {
        guard extraByteCount > 0 else { return 0 }
        var count = 1
        while count < 7, (extraByteCount - count) >> (8 * count) > 0 { count += 1 }
        return count
    }

    /// F1 and F2 for a frame with this many bytes beside F1 and the message.
    package static func header(isText: Bool, extraByteCount: Int) -> [UInt8] {
        let count = lengthByteCount(extraByteCount: extraByteCount)
        let length = extraByteCount - count
        let shifts = (0..<count).reversed().map { 8 * $0 }
        return [(isText ? 0x10 : 0) | UInt8(count)] + shifts.map { UInt8(truncatingIfNeeded: length >> $0) }
    }

    /// What comes before a message: F1, and 0-255 extra bytes, as chance decides.
    static func before(_ message: WireMessage, random: some RandomSource) -> [UInt8] {
        let extraByteCount = Int(random.bytes(1)[0])
        var isText = false
        if case .text = message { isText = true }
        let header = header(isText: isText, extraByteCount: extraByteCount)
        return header + random.bytes(extraByteCount + 1 - header.count)
    }

    /// The message of a padded one; nil if it is not one: any n up to 8 is taken.
    package static func unpad(_ padded: ArraySlice<UInt8>) -> WireMessage? {
        guard let first = padded.first, first & 15 <= 8, first >> 4 <= 1 else { return nil }
        let lengthByteCount = Int(first & 15)
        let rest = padded.dropFirst()
        guard rest.count >= lengthByteCount else { return nil }
        let length = rest.prefix(lengthByteCount).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(rest.count - lengthByteCount) else { return nil }
        let message = rest.dropFirst(lengthByteCount + Int(length))
        guard first & 0x10 != 0 else { return .binary(Array(message)) }
        return String(validating: message, as: UTF8.self).map(WireMessage.text)
    }
}
