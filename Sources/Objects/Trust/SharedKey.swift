import CSodium

/// The key two box key pairs share: X25519, then HSalsa20 (crypto_box_beforenm(3)).
///
/// Either side computes the same.
package struct SharedKey: Sendable, Equatable {
    private let box: SecretBox

    /// nil: the other's key is not 32 bytes, or one of those that make every shared key the same.
    package init?(publicKey: [UInt8], own: BoxKeyPair) {
        guard publicKey.count == BoxKeyPair.keyByteCount else { return nil }
        Sodium.prepare()
        var key = [UInt8](repeating: 0, count: SecretBox.keyByteCount)
        guard crypto_box_beforenm(&key, publicKey, own.secret) == 0, let box = SecretBox(key: key) else { return nil }
        self.box = box
    }

    /// Of 32 bytes that were agreed on; nil for any other count.
    package init?(bytes: [UInt8]) {
        guard let box = SecretBox(key: bytes) else { return nil }
        self.box = box
    }

    /// The 32 bytes.
    package var secret: [UInt8] { box.key.bytes }

    /// How much longer a ciphertext is than its message.
    package static let overheadByteCount = SecretBox.overheadByteCount

    /// Seals in place: what follows the first `overheadByteCount` bytes, which become the authentication.
    package func seal(_ buffer: UnsafeMutableBufferPointer<UInt8>, nonce: [UInt8]) { box.seal(buffer, nonce: nonce) }

    /// Opens in place: the message then is what follows the first `overheadByteCount` bytes; false if it was not sealed
    /// with this key and nonce.
    package func open(_ buffer: UnsafeMutableBufferPointer<UInt8>, nonce: [UInt8]) -> Bool {
        box.open(buffer, nonce: nonce)
    }

    /// The ciphertext alone: 16 bytes of authentication, then as many as the message has.
    ///
    /// A nonce of 24 bytes is used once.
    package func seal(_ message: [UInt8], nonce: [UInt8]) -> [UInt8] { box.seal(message, nonce: nonce) }

    /// The message; nil if it was not sealed with this key and nonce.
    package func open(_ cipher: [UInt8], nonce: [UInt8]) -> [UInt8]? { box.open(cipher, nonce: nonce) }

    /// A random nonce, then the ciphertext.
    package func seal(_ message: [UInt8], random: any RandomSource) -> [UInt8] { box.seal(message, random: random) }

    /// Opens what has its nonce before it.
    package func open(_ sealed: [UInt8]) -> [UInt8]? { box.open(sealed) }
}
