/// Hexadecimal text of bytes, always in lower case.
package enum Hex {
    /// Two digits a byte.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var index = 0
            for byte in bytes {
                (buffer[index], buffer[index + 1]) = digits(of: byte)
                index += 2
            }
            return index
        }
    }

    /// The two digits of a byte.
    static func digits(of byte: UInt8) -> (high: UInt8, low: UInt8) {
        func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? nibble + 0x30 : nibble + 0x57 }
        return (digit(byte >> 4), digit(byte & 15))
    }

    /// The bytes of lower-case digits; nil for an odd count or any other character.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = text.utf8
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let nibble = nibble(lowerCase: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return bytes
    }

    /// The value of a digit; nil for anything else, upper case included.
    static func nibble(lowerCase digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x57
        default: nil
        }
    }
}
