import CSodium
package import Objects

package struct BoxKeyPair: Sendable {
    package let publicKey: [UInt8]
    package let secret: [UInt8]
    package init?(secret: [UInt8]) {
        guard secret.count == 32 else { return nil }
        var pk = [UInt8](repeating: 0, count: 32)
        guard crypto_scalarmult_base(&pk, secret) == 0 else { return nil }
        (publicKey, self.secret) = (pk, secret)
    }
    package init(random: some RandomSource) {
        let secret = random.bytes(32)
        var pk = [UInt8](repeating: 0, count: 32)
        _ = crypto_scalarmult_base(&pk, secret)
        (publicKey, self.secret) = (pk, secret)
    }
}

package struct SharedKey: Hashable, Sendable {
    let bytes: [UInt8]
    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init?(publicKey: [UInt8], pair: BoxKeyPair) {
        guard publicKey.count == 32 else { return nil }
        var key = [UInt8](repeating: 0, count: 32)
        guard crypto_box_beforenm(&key, publicKey, pair.secret) == 0 else { return nil }
        bytes = key
    }
    package func seal(_ message: [UInt8], nonce: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: message.count + 16)
        _ = crypto_box_easy_afternm(&out, message, UInt64(message.count), nonce, bytes)
        return out
    }
    package func open(_ sealed: [UInt8], nonce: [UInt8]) -> [UInt8]? {
        guard sealed.count >= 16 else { return nil }
        var out = [UInt8](repeating: 0, count: sealed.count - 16)
        guard crypto_box_open_easy_afternm(&out, sealed, UInt64(sealed.count), nonce, bytes) == 0 else { return nil }
        return out
    }
    package func seal(_ message: [UInt8], random: some RandomSource) -> [UInt8] {
        let nonce = random.bytes(24)
        return nonce + seal(message, nonce: nonce)
    }
    package func open(_ sealed: [UInt8]) -> [UInt8]? {
        guard sealed.count >= 40 else { return nil }
        return open(Array(sealed[24...]), nonce: Array(sealed[..<24]))
    }
}

package enum MembershipError: Error, Hashable, Sendable {
    case refused(String)
}

package struct Registration: Hashable, Sendable {
    package var instanceID: IDHash
    package var ownerID: IDHash
    package var deviceType: String
    package var storageRole: String
    package var capabilities: [String]
    package var publicKey: [UInt8]
    package var publicSignKey: [UInt8]
    package var endpoint: String?
    package var validFrom: Double
    package var revokedAt: Double?
}

package struct RegistrationProof: Hashable, Sendable {
    package var registration: [UInt8]
    package var certificate: [UInt8]
    package var signature: [UInt8]
    package var license: [UInt8]
    package init(registration: [UInt8], certificate: [UInt8], signature: [UInt8], license: [UInt8]) {
        (self.registration, self.certificate) = (registration, certificate)
        (self.signature, self.license) = (signature, license)
    }
}
