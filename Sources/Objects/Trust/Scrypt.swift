import CSodium
import Foundation

/// The key that opens the keychain, from the secret a person types (RFC 7914; one-format 6).
package enum Scrypt {
    package static let keyByteCount = 32
    package static let saltByteCount = 16

    /// scrypt with N=1024, r=8, p=1 over the UTF-8 of the secret in NFKC, so that it does not matter which keyboard or system
    /// composed its characters.
    package static func key(secret: String, salt: [UInt8]) -> [UInt8] {
        Sodium.prepare()
        let password = Array(secret.precomposedStringWithCompatibilityMapping.utf8)
        var key = [UInt8](repeating: 0, count: keyByteCount)
        let result = crypto_pwhash_scryptsalsa208sha256_ll(
            password,
            password.count,
            salt,
            salt.count,
            1_024,
            8,
            1,
            &key,
            keyByteCount
        )
        precondition(result == 0, "scrypt needs a megabyte of memory")
        return key
    }
}
