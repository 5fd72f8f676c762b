import CSodium

/// Encryption with one key: XSalsa20 and Poly1305, the authentication first (crypto_secretbox_easy(3)).
///
/// NaCl's box after the key is shared is the same.
package struct SecretBox: Sendable, Equatable {
    package static let keyByteCount = 32
    package static let nonceByteCount = 24
    /// How much longer a ciphertext is than its message.
    package static let overheadByteCount = 16

    let key: SecretBytes

    /// Takes exactly 32 bytes; nil for any other count.
    package init?(key: [UInt8]) {
        guard key.count == Self.keyByteCount else { return nil }
        self.key = SecretBytes(key)
    }

    /// The ciphertext.
    ///
    /// A nonce of 24 bytes is used only once with a key.
    package func seal(_ message: [UInt8], nonce: [UInt8]) -> [UInt8] {
        precondition(nonce.count == Self.nonceByteCount, "a nonce has 24 bytes")
        Sodium.prepare()
        var cipher = [UInt8](repeating: 0, count: message.count + Self.overheadByteCount)
        let result = crypto_secretbox_easy(&cipher, message, UInt64(message.count), nonce, key.bytes)
        precondition(result == 0, "crypto_secretbox_easy")
        return cipher
    }

    /// The message; nil if it was not sealed with this key and nonce.
    package func open(_ cipher: some ContiguousBytes, nonce: [UInt8]) -> [UInt8]? {
        guard nonce.count == Self.nonceByteCount else { return nil }
        Sodium.prepare()
        return cipher.withUnsafeBytes { cipher in
            let source = cipher.assumingMemoryBound(to: UInt8.self)
            guard cipher.count >= Self.overheadByteCount, let start = source.baseAddress else { return nil }
            var message = [UInt8](repeating: 0, count: cipher.count - Self.overheadByteCount)
            let result = crypto_secretbox_open_easy(&message, start, UInt64(cipher.count), nonce, key.bytes)
            return result == 0 ? message : nil
        }
    }

    /// Seals in place: what follows the first `overheadByteCount` bytes, which become the authentication.
    func seal(_ buffer: UnsafeMutableBufferPointer<UInt8>, nonce: [UInt8]) {
        precondition(nonce.count == Self.nonceByteCount, "a nonce has 24 bytes")
        Sodium.prepare()
        guard let start = buffer.baseAddress, buffer.count >= Self.overheadByteCount else {
            preconditionFailure("there is no room for the authentication")
        }
        let message = start + Self.overheadByteCount
        let byteCount = UInt64(buffer.count - Self.overheadByteCount)
        let result = crypto_secretbox_detached(message, start, message, byteCount, nonce, key.bytes)
        precondition(result == 0, "crypto_secretbox_detached")
    }

    /// Opens in place: the message then is what follows the first `overheadByteCount` bytes; false if it was not sealed
    /// with this key and nonce.
    func open(_ buffer: UnsafeMutableBufferPointer<UInt8>, nonce: [UInt8]) -> Bool {
        guard nonce.count == Self.nonceByteCount, let start = buffer.baseAddress,
            buffer.count >= Self.overheadByteCount
        else { return false }
        Sodium.prepare()
        let message = start + Self.overheadByteCount
        let byteCount = UInt64(buffer.count - Self.overheadByteCount)
        return crypto_secretbox_open_detached(message, message, start, byteCount, nonce, key.bytes) == 0
    }

    /// A random nonce, then the ciphertext.
    package func seal(_ message: [UInt8], random: any RandomSource) -> [UInt8] {
        let nonce = random.bytes(Self.nonceByteCount)
        return nonce + seal(message, nonce: nonce)
    }

    /// Opens what has its nonce before it.
    package func open(_ sealed: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.nonceByteCount + Self.overheadByteCount else { return nil }
        return open(sealed[Self.nonceByteCount...], nonce: Array(sealed[..<Self.nonceByteCount]))
    }
}
