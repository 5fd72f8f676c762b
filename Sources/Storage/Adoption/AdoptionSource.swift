package import Objects
package import SystemPackage

/// The directory of one ONE.CORE instance (one-format 3.1).
///
/// It is only ever read.
package struct AdoptionSource: Hashable, Sendable {
    /// `<base>/<instance id hash>`.
    package let path: FilePath
    package let instanceID: IDHash
    /// Name of the instance; nil if the object that tells it is missing.
    package let name: String?

    /// Why there is none to adopt.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// No instance in this directory: name the base directory of ONE.CORE.
        case none(FilePath)
        /// Several fit: say which.
        case several([AdoptionSource])
        case system(Errno, FilePath)

        package var description: String {
            switch self {
            case .none(let path): "there is no ONE.CORE instance of that name in \(path)"
            case .several(let sources):
                "there are several instances, say which: "
                    + sources.map { "\($0.instanceID.hex.prefix(8)) (\($0.name ?? "nameless"))" }.joined(
                        separator: ", "
                    )
            case .system(let error, let path): "\(path): \(error)"
            }
        }
    }

    /// The instances in a base directory, in order of their hash; also the one whose own directory is named.
    package static func all(in base: FilePath) throws(Failure) -> [Self] {
        if let name = base.lastComponent?.string, let source = Self(base.removingLastComponent(), name: name) {
            return [source]
        }
        do throws(Errno) {
            return try PosixDisk(base).list(".").compactMap { Self(base, name: $0.text) }
                .sorted { $0.instanceID < $1.instanceID }
        } catch {
            throw .system(error, base)
        }
    }

    /// The one whose hash begins like this or whose name is this; nil: the only one.
    package static func choose(in base: FilePath, _ choice: String?) throws(Failure) -> Self {
        let sources = try all(in: base).filter { source in
            guard let choice, !choice.isEmpty else { return true }
            return source.instanceID.hex.hasPrefix(choice)
                || source.name.map { $0.utf8.elementsEqual(choice.utf8) } == true
        }
        guard let source = sources.first else { throw .none(base) }
        guard sources.count == 1 else { throw .several(sources) }
        return source
    }

    private init?(_ base: FilePath, name: String) {
        let path = base.isEmpty ? FilePath(name) : base.appending(name)
        guard let instanceID = IDHash(hex: name), let disk = try? PosixDisk(path),
            let status = try? disk.status(at: "objects"), status.kind == .directory
        else { return nil }
        (self.path, self.instanceID) = (path, instanceID)
        self.name = Self.name(of: instanceID, disk)
    }

    /// The longest Instance ID object looked at.
    private static let idObjectByteCountMax = 64 * 1024

    private static func name(of instanceID: IDHash, _ disk: PosixDisk) -> String? {
        // Flat, or below a directory of the first digits (one-format 3.2).
        let folders = ["objects/"] + (1...4).map { "objects/\(instanceID.hex.prefix($0))/" }
        for folder in folders {
            guard let file = try? OpenFile(DiskPath(folder + instanceID.hex), .read, on: disk),
                let bytes = try? file.read(0..<idObjectByteCountMax),
                let object = try? Microdata.idObject(from: bytes, .standard), case .string(let name) = object["name"]
            else { continue }
            return name
        }
        return nil
    }

    /// Of these `Keys` objects of an owner the one that ONE.CORE takes: the first in the reverse map of which the secret
    /// halves are there (one-format 6).
    ///
    /// Without a map any of those that have them; if none has, any.
    package func defaultKeys(of owner: ObjectHash, among keys: [ObjectHash]) -> ObjectHash? {
        guard let disk = try? PosixDisk(path) else { return keys.first }
        let files = KeychainFiles(on: disk, random: SystemRandom(), isStrict: false)
        let complete = Set((try? files.completeKeys()) ?? [])
        // Others may have sent keys of which they say that they are this owner's.
        let own = complete.isDisjoint(with: keys) ? keys : keys.filter(complete.contains)
        return Self.listed(owner, disk).first(where: own.contains) ?? own.first
    }

    /// Longer maps than any owner's.
    private static let mapByteCountMax = 1 << 20

    /// The `Keys` objects of an owner by the reverse map.
    private static func listed(_ owner: ObjectHash, _ disk: PosixDisk) -> [ObjectHash] {
        let name = DiskPath("rmaps").appending(ReverseMaps.fileName(owner, .one, "Keys"))
        guard let file = try? OpenFile(name, .read, on: disk), let bytes = try? file.read(0..<mapByteCountMax) else {
            return []
        }
        return bytes.split(separator: 0x0A).compactMap { ObjectHash(hex: $0) }
    }

    /// Opens the keys of the instance, without changing anything.
    package func keychain(secret: String) throws(KeychainError) -> Keychain {
        guard let disk = try? PosixDisk(path) else { throw .missing }
        return try .unlockForeign(on: disk, secret: secret)
    }
}
