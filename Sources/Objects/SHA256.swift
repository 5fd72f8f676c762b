import CCrypto

/// A SHA-256 in progress: OpenSSL's EVP with the digest fetched once (EVP_DigestInit_ex2(3), EVP_DigestUpdate(3)).
///
/// Used once: `finish` ends it.
package struct SHA256: ~Copyable {
    /// Fetching the algorithm costs as much as hashing 200 bytes; OpenSSL's objects of this kind are immutable and
    /// reference counted, and this one lives as long as the process.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    private let context: OpaquePointer

    package init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, Self.algorithm, nil) == 1 else {
            preconditionFailure("OpenSSL has no SHA-256 or no memory")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    package mutating func update(_ bytes: some ContiguousBytes) {
        bytes.withUnsafeBytes { buffer in
            let result = EVP_DigestUpdate(context, buffer.baseAddress, buffer.count)
            precondition(result == 1, "EVP_DigestUpdate")
        }
    }

    /// The hash of everything added.
    package consuming func finish() -> ObjectHash {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ObjectHash.byteCount) { buffer in
            var length: UInt32 = 0
            let result = EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
            precondition(result == 1 && length == ObjectHash.byteCount, "EVP_DigestFinal_ex")
            guard let hash = ObjectHash(bytes: buffer) else { preconditionFailure("SHA-256 has 32 bytes") }
            return hash
        }
    }
}
