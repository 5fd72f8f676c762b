/// A number that nobody knew before it was asked: who proves something with it has the bytes now.
package struct Nonce: Hashable, Sendable {
    package static let byteCount = 32

    package let bytes: [UInt8]

    /// A new one.
    package init(random: any RandomSource) { bytes = random.bytes(Self.byteCount) }

    /// nil if it is not the hexadecimal digits of one.
    package init?(hex: some StringProtocol) {
        guard let bytes = Hex.bytes(hex), bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    package var hex: String { Hex.text(bytes) }
}

/// What shows that somebody has the bytes of an object: SHA-256(nonce || bytes).
///
/// Only who has all the bytes when the nonce is told can make it.
package struct PossessionProof: Hashable, Sendable {
    package static let byteCount = ObjectHash.byteCount

    package let bytes: [UInt8]

    /// nil if it is not as long as one.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    package init(of object: some ContiguousBytes, nonce: Nonce) {
        var proving = Proving(nonce: nonce)
        proving.update(object)
        self = proving.finish()
    }

    fileprivate init(digest: ObjectHash) { bytes = digest.bytes }

    /// One in the making, of bytes that come in pieces.
    package struct Proving: ~Copyable {
        private var hasher = SHA256()

        package init(nonce: Nonce) { hasher.update(nonce.bytes) }

        package mutating func update(_ bytes: some ContiguousBytes) { hasher.update(bytes) }

        package consuming func finish() -> PossessionProof { PossessionProof(digest: hasher.finish()) }
    }
}
