package import Objects

extension Keychain {
    /// The secret side of a `Keys` object; nil if it is not here.
    package func keyring(of keys: ObjectHash) throws(KeychainError) -> Keyring? {
        let (encryptName, signName) = (keys.hex + KeychainFiles.encryptSuffix, keys.hex + KeychainFiles.signSuffix)
        guard let encrypt = try files.read(encryptName), let sign = try files.read(signName) else { return nil }
        guard let box = open(encrypt).flatMap({ BoxKeyPair(secret: $0) }) else { throw .damaged(encryptName) }
        guard let signPair = open(sign).flatMap({ SignKeyPair(secret: $0) }) else { throw .damaged(signName) }
        return Keyring(box: box, sign: signPair)
    }

    /// Keeps the secret side of a `Keys` object, durable on return.
    ///
    /// The same again is nothing; others are refused.
    package func add(_ keyring: Keyring, under keys: ObjectHash) throws(KeychainError) {
        if let known = try self.keyring(of: keys) {
            guard known == keyring else { throw .occupied(keys.hex + KeychainFiles.encryptSuffix) }
            return
        }
        try files.write(seal(keyring.box.secret), to: keys.hex + KeychainFiles.encryptSuffix)
        try files.write(seal(keyring.sign.secret), to: keys.hex + KeychainFiles.signSuffix)
    }

    /// The `Keys` objects of which both secret halves are here, in order.
    package func completeKeys() throws(KeychainError) -> [ObjectHash] { try files.completeKeys() }

    /// Of these, the ones whose `Keys` object is here and names this owner.
    package func completeKeys(
        of owner: IDHash,
        objects: some LocalObjects,
        _ book: RecipeBook
    ) throws(KeychainError) -> [ObjectHash] {
        try completeKeys().filter { hash in
            guard let bytes = try? objects.localBytes(of: hash), let object = try? Microdata.object(from: bytes, book)
            else { return false }
            return object.type == "Keys" && object["owner"] == .reference(owner.objectHash)
        }
    }
}
