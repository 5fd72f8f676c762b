package import Objects

extension Keychain {
    private static let encryptSuffix = ".encrypt"
    private static let signSuffix = ".sign"

    /// The secret side of a `Keys` object; nil if it is not here.
    package func keyring(of keys: ObjectHash) throws(KeychainError) -> Keyring? {
        let (encryptName, signName) = (keys.hex + Self.encryptSuffix, keys.hex + Self.signSuffix)
        guard let encrypt = try files.read(encryptName), let sign = try files.read(signName) else { return nil }
        guard let box = open(encrypt).flatMap({ BoxKeyPair(secret: $0) }) else { throw .damaged(encryptName) }
        guard let signPair = open(sign).flatMap({ SignKeyPair(secret: $0) }) else { throw .damaged(signName) }
        return Keyring(box: box, sign: signPair)
    }

    /// Keeps the secret side of a `Keys` object, durable on return. The same again is nothing; others are refused.
    package func add(_ keyring: Keyring, under keys: ObjectHash) throws(KeychainError) {
        if let known = try self.keyring(of: keys) {
            guard known == keyring else { throw .occupied(keys.hex + Self.encryptSuffix) }
            return
        }
        try files.write(seal(keyring.box.secret), to: keys.hex + Self.encryptSuffix)
        try files.write(seal(keyring.sign.secret), to: keys.hex + Self.signSuffix)
    }

    /// The `Keys` objects of which both secret halves are here, in order.
    package func completeKeys() throws(KeychainError) -> [ObjectHash] {
        let names = Set(try files.names().map { Array($0.utf8) })
        return names.compactMap { name in
            let digits = name.prefix(2 * ObjectHash.byteCount)
            guard name == digits + Array(Self.encryptSuffix.utf8), names.contains(digits + Array(Self.signSuffix.utf8))
            else { return nil }
            return ObjectHash(hex: digits)
        }.sorted()
    }

    /// Of these, the ones whose `Keys` object is here and names this owner.
    package func completeKeys(
        of owner: IDHash, objects: some LocalObjects, _ book: RecipeBook
    ) throws(KeychainError) -> [ObjectHash] {
        try completeKeys().filter { hash in
            guard let bytes = try? objects.localBytes(of: hash), let object = try? Microdata.object(from: bytes, book)
            else { return false }
            return object.type == "Keys" && object["owner"] == .reference(owner.objectHash)
        }
    }
}
