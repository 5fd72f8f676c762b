import CSodium

/// A key pair of X25519, for encryption between two (NaCl box; one-format 6).
package struct BoxKeyPair: Sendable, Equatable {
    /// Bytes of either key.
    package static let keyByteCount = 32

    package let publicKey: [UInt8]
    package let secretKey: SecretBytes

    package init(random: any RandomSource) {
        self.init(checked: random.bytes(Self.keyByteCount))
    }

    /// The pair of a secret key of 32 bytes; nil for any other count.
    package init?(secret: [UInt8]) {
        guard secret.count == Self.keyByteCount else { return nil }
        self.init(checked: secret)
    }

    /// crypto_scalarmult_base(3).
    private init(checked secret: [UInt8]) {
        Sodium.prepare()
        secretKey = SecretBytes(secret)
        var publicKey = [UInt8](repeating: 0, count: Self.keyByteCount)
        let result = crypto_scalarmult_base(&publicKey, secret)
        precondition(result == 0, "crypto_scalarmult_base")
        self.publicKey = publicKey
    }

    /// The 32 bytes to keep.
    package var secret: [UInt8] { secretKey.bytes }
}
