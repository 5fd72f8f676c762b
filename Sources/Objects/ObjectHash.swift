/// The name of an object: the SHA-256 of its bytes (one-format 2.1).
///
/// Always exactly 32 bytes; as text always 64 lower-case hexadecimal digits.
package struct ObjectHash: Hashable, Sendable {
    /// Count of bytes of a hash.
    package static let byteCount = 32

    /// The bytes as four big-endian words, so that comparing words compares bytes.
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// Takes exactly 32 bytes; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var iterator = bytes.makeIterator()
        func word() -> UInt64 {
            var value: UInt64 = 0
            for _ in 0..<8 { value = value << 8 | UInt64(iterator.next() ?? 0) }
            return value
        }
        words = (word(), word(), word(), word())
    }

    /// Takes exactly 64 lower-case hexadecimal digits; nil for anything else, upper case included (one-format 1.5).
    package init?(hex: some Collection<UInt8>) {
        guard hex.count == Self.byteCount * 2 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        var high: UInt8?
        for digit in hex {
            guard let nibble = Hex.nibble(lowerCase: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        self.init(bytes: bytes)
    }

    /// The same for a string.
    package init?(hex: some StringProtocol) {
        self.init(hex: Array(hex.utf8))
    }

    /// The hash of these bytes.
    package init(of bytes: some ContiguousBytes) {
        var hasher = SHA256()
        hasher.update(bytes)
        self = hasher.finish()
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64($0))) }
        }
    }

    /// The 64 digits.
    package var hex: String { Hex.text(bytes) }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        // The bytes are uniform already: one word is enough.
        hasher.combine(words.0)
    }
}

extension ObjectHash: Comparable {
    package static func < (left: Self, right: Self) -> Bool { left.words < right.words }
}

extension ObjectHash: CustomStringConvertible {
    package var description: String { hex }
}

extension ObjectHash: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let hash = Self(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 lower-case hex digits")
        }
        self = hash
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}
