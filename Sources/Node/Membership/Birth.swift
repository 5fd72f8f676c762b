package import Objects
import Storage

/// What an instance was told about itself when it was made, kept in `private/`: its ID hash and the hashes of the two `Keys`
/// objects that count, its own and the owner's.
///
/// Pinned there, so that no object from outside can change who the owner is.
package struct Birth: Hashable, Sendable {
    package let instanceID: IDHash
    package let instanceKeys: ObjectHash
    package let ownerKeys: ObjectHash

    package init(instanceID: IDHash, instanceKeys: ObjectHash, ownerKeys: ObjectHash) {
        (self.instanceID, self.instanceKeys, self.ownerKeys) = (instanceID, instanceKeys, ownerKeys)
    }

    private static func file(in root: Root) throws -> SmallFile {
        try SmallFile("birth", in: "private", on: root.disk(), byteCountMax: 1_024)
    }

    /// nil: the instance has no keys, only objects.
    static func read(in root: Root) throws -> Self? {
        guard let text = try file(in: root).read() else { return nil }
        let hashes = text.split(separator: "\n").compactMap { ObjectHash(hex: $0) }
        guard hashes.count == 3 else {
            throw CommandError("\(root.path)/private/birth is damaged: restore it from a backup")
        }
        return Self(instanceID: IDHash(hashes[0]), instanceKeys: hashes[1], ownerKeys: hashes[2])
    }

    /// Writes it durably.
    func write(in root: Root) throws {
        let lines = [instanceID.hex, instanceKeys.hex, ownerKeys.hex]
        try Self.file(in: root).replace(with: lines.map { $0 + "\n" }.joined())
    }

    func ownerID(_ versions: StoredVersions) throws -> IDHash {
        guard case .reference(let owner)? = try versions.idObject(instanceID)["owner"] else {
            throw CommandError("the object of this instance, \(instanceID), is damaged: run `iom fsck`")
        }
        return IDHash(owner)
    }

    /// The public key every registration must be signed with.
    func ownerSignKey(_ versions: StoredVersions) throws -> [UInt8] {
        guard case .string(let text)? = try versions.object(ownerKeys)["publicSignKey"], let key = Hex.bytes(text)
        else {
            throw CommandError("the owner's public keys, \(ownerKeys), are damaged: restore them from a backup")
        }
        return key
    }

    /// Unseals the keys; nil without a secret.
    func identity(in root: Root, secret: String?, versions: StoredVersions) throws -> Identity? {
        guard let secret, try Keychain.exists(on: root.disk()) else { return nil }
        let keychain = try Keychain.unlock(in: root, secret: secret)
        guard let instance = try keychain.keyring(of: instanceKeys),
            case .string(let name)? = try versions.idObject(instanceID)["name"]
        else {
            throw CommandError("the keys of this instance are not in \(root.path)/private: restore it from a backup")
        }
        return Identity(
            instanceID: instanceID,
            name: name,
            ownerID: try ownerID(versions),
            instanceKeys: instance,
            ownerKeys: try keychain.keyring(of: ownerKeys),
            ownerSignKey: try ownerSignKey(versions),
            keychain: keychain
        )
    }
}
