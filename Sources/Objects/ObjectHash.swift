/// The name of an object: the SHA-256 of its bytes (one-format 2.1).
///
/// Always exactly 32 bytes; as text always 64 lower-case hexadecimal digits.
package struct ObjectHash: Hashable, Sendable {
    /// Count of bytes of a hash.
    package static let byteCount = 32

    /// The bytes as four big-endian words, so that comparing words compares bytes.
    package let words: (UInt64, UInt64, UInt64, UInt64)

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

    /// The same for bytes in memory, without a generic call a byte.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// Takes exactly 64 lower-case hexadecimal digits; nil for anything else, upper case included (one-format 1.5).
    package init?(hex: some Collection<UInt8>) {
        guard hex.count == Self.byteCount * 2 else { return nil }
        guard let hash = hex.withContiguousStorageIfAvailable({ Self(digits: $0) }) ?? Self(digits: Array(hex)) else {
            return nil
        }
        self = hash
    }

    /// The same for a string.
    package init?(hex: String) {
        var hex = hex
        guard let hash = hex.withUTF8({ Self(hex: $0) }) else { return nil }
        self = hash
    }

    /// The same for a part of a string.
    package init?(hex: some StringProtocol) {
        self.init(hex: String(hex))
    }

    private init?(digits: some RandomAccessCollection<UInt8>) {
        var iterator = digits.makeIterator()
        var isHex = true
        func word() -> UInt64 {
            var value: UInt64 = 0
            for _ in 0..<16 {
                let nibble = iterator.next().flatMap { Hex.nibble(lowerCase: $0) }
                isHex = isHex && nibble != nil
                value = value << 4 | UInt64(nibble ?? 0)
            }
            return value
        }
        words = (word(), word(), word(), word())
        guard isHex else { return nil }
    }

    /// The hash of these bytes.
    package init(of bytes: some ContiguousBytes) {
        self = bytes.withUnsafeBytes { SHA256.hash(of: $0) }
    }

    /// Takes the 32 bytes of a digest.
    init(digest: UnsafeRawBufferPointer) {
        precondition(digest.count == Self.byteCount, "SHA-256 has 32 bytes")
        func word(_ index: Int) -> UInt64 {
            UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        words = (word(0), word(1), word(2), word(3))
    }

    /// The 32 bytes.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            for index in 0..<Self.byteCount { buffer[index] = self[index] }
            count = Self.byteCount
        }
    }

    /// The 64 digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: Self.byteCount * 2) { buffer in
            for index in 0..<Self.byteCount {
                (buffer[2 * index], buffer[2 * index + 1]) = Hex.digits(of: self[index])
            }
            return Self.byteCount * 2
        }
    }

    /// Appends the 64 digits.
    func appendHex(to out: inout [UInt8]) {
        for index in 0..<Self.byteCount {
            let (high, low) = Hex.digits(of: self[index])
            out.append(high)
            out.append(low)
        }
    }

    /// Writes the 64 digits to the start of memory.
    package func writeHex(to buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= 2 * Self.byteCount, "64 digits")
        for index in 0..<Self.byteCount {
            (buffer[2 * index], buffer[2 * index + 1]) = Hex.digits(of: self[index])
        }
    }

    /// The byte at an index from 0 to 31.
    package subscript(index: Int) -> UInt8 {
        let word =
            switch index >> 3 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return UInt8(truncatingIfNeeded: word >> (56 - 8 * UInt64(index & 7)))
    }

    package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

    package func hash(into hasher: inout Hasher) {
        // The bytes are uniform already: one word is enough.
        hasher.combine(words.0)
    }
}

extension ObjectHash: ContiguousBytes {
    package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let bytes = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return try Swift.withUnsafeBytes(of: bytes, body)
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
