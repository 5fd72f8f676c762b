package import Objects

extension Adoption {
    /// Brings the keys of the source into a keychain here, sealed with its master key; durable on return, done again it is
    /// nothing. Gives the `Keys` objects whose secret sides are here now.
    package func adoptKeys(secret: String, into keychain: Keychain) throws(KeychainError) -> [ObjectHash] {
        let foreign = try source.keychain(secret: secret)
        var adopted: [ObjectHash] = []
        for keys in try foreign.completeKeys() {
            guard let keyring = try foreign.keyring(of: keys) else { continue }
            try keychain.add(keyring, under: keys)
            adopted.append(keys)
        }
        return adopted
    }

    /// Copies the keychain of the source as it is, opened by the same secret, into a root that has none or this one.
    package func copyKeychain(secret: String, random: any RandomSource) throws(KeychainError) -> Keychain {
        let foreign = try source.keychain(secret: secret)
        for keys in try foreign.completeKeys() { _ = try foreign.keyring(of: keys) }
        let files = KeychainFiles(on: store.disk, random: random, isStrict: true)
        // The master key is last: without it there is no keychain.
        let last = KeychainFiles.masterKey
        for name in try foreign.files.names().filter({ $0 != last }) + [last] {
            guard let bytes = try foreign.files.read(name), !bytes.isEmpty else { throw .damaged(name) }
            guard let present = try files.read(name) else {
                try files.write(bytes, to: name)
                continue
            }
            guard present == bytes else { throw .occupied(name) }
        }
        return try .unlock(on: store.disk, secret: secret, random: random)
    }
}
