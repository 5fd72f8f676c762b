import CSodium

/// A key pair of Ed25519, for signatures (one-format 6).
package struct SignKeyPair: Sendable, Equatable {
    package static let publicKeyByteCount = 32
    /// The seed, then the public key.
    package static let secretKeyByteCount = 64
    package static let seedByteCount = 32
    package static let signatureByteCount = 64

    package let publicKey: [UInt8]
    package let secretKey: SecretBytes

    package init(random: any RandomSource) {
        self.init(checkedSeed: random.bytes(Self.seedByteCount))
    }

    /// The pair of a seed of 32 bytes; nil for any other count.
    package init?(seed: [UInt8]) {
        guard seed.count == Self.seedByteCount else { return nil }
        self.init(checkedSeed: seed)
    }

    /// The pair of a secret key of 64 bytes; nil for any other count, or if the public key in it is not the seed's.
    package init?(secret: [UInt8]) {
        guard secret.count == Self.secretKeyByteCount else { return nil }
        self.init(checkedSeed: Array(secret[..<Self.seedByteCount]))
        guard SecretBytes(secret) == secretKey else { return nil }
    }

    /// crypto_sign_seed_keypair(3).
    private init(checkedSeed seed: [UInt8]) {
        Sodium.prepare()
        var publicKey = [UInt8](repeating: 0, count: Self.publicKeyByteCount)
        var secretKey = [UInt8](repeating: 0, count: Self.secretKeyByteCount)
        let result = crypto_sign_seed_keypair(&publicKey, &secretKey, seed)
        precondition(result == 0, "crypto_sign_seed_keypair")
        (self.publicKey, self.secretKey) = (publicKey, SecretBytes(secretKey))
    }

    /// The 64 bytes to keep.
    package var secret: [UInt8] { secretKey.bytes }

    /// The signature of these bytes, 64 bytes (crypto_sign_detached(3)).
    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: Self.signatureByteCount)
        let result = crypto_sign_detached(&signature, nil, message, UInt64(message.count), secretKey.bytes)
        precondition(result == 0, "crypto_sign_detached")
        return signature
    }

    /// Whether this key signed just these bytes (crypto_sign_verify_detached(3)).
    package static func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureByteCount, publicKey.count == publicKeyByteCount else { return false }
        Sodium.prepare()
        return crypto_sign_verify_detached(signature, message, UInt64(message.count), publicKey) == 0
    }
}
