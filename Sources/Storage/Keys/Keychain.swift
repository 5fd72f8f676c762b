package import Objects

/// The secret keys of an instance, sealed with a master key, which is sealed with a secret (one-format 6).
///
/// An unlocked one holds the master key; the keys themselves are unsealed when asked for. Its files are those of ONE.CORE.
package final class Keychain: Sendable {
    let files: KeychainFiles
    private let masterKey: [UInt8]
    private let master: SecretBox
    private let random: any RandomSource

    private init(_ files: KeychainFiles, masterKey: [UInt8], random: any RandomSource) throws(KeychainError) {
        guard let master = SecretBox(key: masterKey) else { throw .damaged(KeychainFiles.masterKey) }
        (self.files, self.masterKey, self.master, self.random) = (files, masterKey, master, random)
    }

    /// Makes a keychain without keys, durable on return.
    ///
    /// One that is there already is unlocked instead, so that an interrupted creation can be done again.
    package static func create(
        in root: Root,
        secret: String,
        random: any RandomSource
    ) throws -> Keychain {
        try create(on: root.disk(), secret: secret, random: random)
    }

    /// `staging`: where files are before they are whole.
    package static func create(
        on disk: any Disk,
        staging: DiskPath = Root.Place.incoming,
        secret: String,
        random: any RandomSource
    ) throws(KeychainError) -> Keychain {
        let files = KeychainFiles(on: disk, random: random, isStrict: true, staging: staging)
        if try isComplete(files) {
            try finishChange(files)
            return try unlock(files, secret: secret, random: random)
        }
        let masterKey = random.bytes(SecretBox.keyByteCount)
        let (salt, sealed) = try seal(masterKey, with: secret, random)
        // The master key is last: without it there is no keychain.
        try files.write(salt, to: KeychainFiles.salt)
        try files.write(sealed, to: KeychainFiles.masterKey)
        return try Keychain(files, masterKey: masterKey, random: random)
    }

    /// Opens the keychain of a root.
    package static func unlock(
        in root: Root,
        secret: String,
        random: any RandomSource = SystemRandom()
    ) throws -> Keychain {
        try unlock(on: root.disk(), secret: secret, random: random)
    }

    package static func unlock(
        on disk: any Disk,
        secret: String,
        random: any RandomSource = SystemRandom()
    ) throws(KeychainError) -> Keychain {
        let files = KeychainFiles(on: disk, random: random, isStrict: true)
        try finishChange(files)
        return try unlock(files, secret: secret, random: random)
    }

    /// Opens one without ever writing: `private/` of ONE.CORE, whose files may be read by others.
    static func unlockForeign(on disk: any Disk, secret: String) throws(KeychainError) -> Keychain {
        let random = SystemRandom()
        let files = KeychainFiles(on: disk, random: random, isStrict: false)
        return try unlock(files, secret: secret, random: random)
    }

    private static func unlock(
        _ files: KeychainFiles,
        secret: String,
        random: any RandomSource
    ) throws(KeychainError) -> Keychain {
        guard let salt = try files.read(KeychainFiles.salt), let sealed = try files.read(KeychainFiles.masterKey) else {
            throw .missing
        }
        guard salt.count == Scrypt.saltByteCount else { throw .damaged(KeychainFiles.salt) }
        guard sealed.count == SecretBox.nonceByteCount + SecretBox.overheadByteCount + SecretBox.keyByteCount else {
            throw .damaged(KeychainFiles.masterKey)
        }
        guard let masterKey = SecretBox(key: Scrypt.key(secret: secret, salt: salt))?.open(sealed) else {
            throw .wrongSecret
        }
        return try Keychain(files, masterKey: masterKey, random: random)
    }

    /// Whether the disk of a root has a keychain.
    package static func exists(on disk: any Disk) throws(KeychainError) -> Bool {
        try isComplete(KeychainFiles(on: disk, random: SystemRandom(), isStrict: true))
    }

    private static func isComplete(_ files: KeychainFiles) throws(KeychainError) -> Bool {
        if try files.exists(KeychainFiles.newMasterKey) { return true }
        return try files.exists(KeychainFiles.masterKey)
    }

    /// What was sealed with the master key; nil if it was not.
    func open(_ sealed: [UInt8]) -> [UInt8]? { master.open(sealed) }

    func seal(_ bytes: [UInt8]) -> [UInt8] { master.seal(bytes, random: random) }

    /// A new salt, and the master key sealed with what the secret makes of it.
    private static func seal(
        _ masterKey: [UInt8],
        with secret: String,
        _ random: any RandomSource
    ) throws(KeychainError) -> (salt: [UInt8], sealed: [UInt8]) {
        let salt = random.bytes(Scrypt.saltByteCount)
        guard let box = SecretBox(key: Scrypt.key(secret: secret, salt: salt)) else { throw .wrongSecret }
        return (salt, box.seal(masterKey, random: random))
    }
}

extension Keychain {
    /// Seals the keychain with another secret, durable on return; whatever happens, the old or the new one opens it.
    ///
    /// Salt and sealed master key cannot change at once. Both are written under other names first; from the moment the
    /// second is there the new secret counts, and renaming them is only finished (`finishChange`).
    package func changeSecret(to secret: String) throws(KeychainError) {
        let (salt, sealed) = try Self.seal(masterKey, with: secret, random)
        try files.write(salt, to: KeychainFiles.newSalt)
        try files.write(sealed, to: KeychainFiles.newMasterKey)
        try Self.finishChange(files)
    }

    private static func finishChange(_ files: KeychainFiles) throws(KeychainError) {
        guard try files.exists(KeychainFiles.newMasterKey) else { return }
        if try files.exists(KeychainFiles.newSalt) { try files.move(KeychainFiles.newSalt, over: KeychainFiles.salt) }
        try files.move(KeychainFiles.newMasterKey, over: KeychainFiles.masterKey)
    }
}
