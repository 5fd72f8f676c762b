package import Objects
package import SystemPackage

/// Writes what a store has as the directory of an instance that ONE.CORE opens (one-format 3.1).
///
/// The directory is new, or one of an export that was interrupted and goes on; an instance that is there is left alone.
/// ONE.CORE sees whole objects at any instant; the keychain comes last, and the mark of an export under way goes after it.
package struct Export: Sendable {
    /// Why there can be none.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// There is an instance already: name another directory.
        case occupied(FilePath)
        /// ONE.CORE would look for the instance in another directory than that of its ID hash (one-format 3.1).
        case unusableName(String)

        package var description: String {
            switch self {
            case .occupied(let path):
                "\(path) is there already and no export that was interrupted: name another directory"
            case .unusableName(let name):
                "ONE.CORE cannot open an instance or owner with &, < or > in its name, such as `\(name)`"
            }
        }
    }

    /// The places of the directory.
    enum Place {
        static let objects: DiskPath = "objects"
        static let heads: DiskPath = "vheads"
        static let reverseMaps: DiskPath = "rmaps"
        static let staging: DiskPath = "tmp"
        /// Says that the directory is ours and not finished.
        static let mark = staging.appending("iom-export")
    }

    let store: ObjectStore
    let book: RecipeBook
    let reverseMaps: ReverseMaps
    let disk: PosixDisk
    /// `<base>/<instance id hash>`.
    package let path: FilePath

    /// Makes the directory below the base directory, which is made if it is missing.
    package init(
        of store: ObjectStore,
        _ instanceID: IDHash,
        to base: FilePath,
        _ book: RecipeBook,
        _ reverseMaps: ReverseMaps
    ) throws {
        (self.store, self.book, self.reverseMaps) = (store, book, reverseMaps)
        let path = base.appending(instanceID.hex)
        self.path = path
        disk = try ObjectError.from("making \(path)") { () throws(Errno) in
            try PosixDisk.makeDirectories(path)
            return try PosixDisk(path)
        }
        try lay()
    }

    private func lay() throws {
        let isFree = try ObjectError.from("listing \(path)") { () throws(Errno) in
            if try disk.status(at: Place.mark) != nil { return true }
            return try disk.list(".").isEmpty
        }
        guard isFree else { throw Failure.occupied(path) }
        try ObjectError.from("making the directories of \(path)") { () throws(Errno) in
            let directories: [(DiskPath, UInt32)] = [
                (Place.staging, 0o755), (Place.objects, 0o755), (Place.reverseMaps, 0o755), (Place.heads, 0o755),
                ("acache", 0o755), (Root.Place.secretKeys, 0o700),
            ]
            for (place, permissions) in directories {
                if try disk.status(at: place) != nil { continue }
                try disk.makeDirectory(place, permissions: permissions)
                if place == Place.staging {
                    var mark = try OpenFile(Place.mark, .create(permissions: 0o644), on: disk)
                    try mark.close()
                }
            }
            // What an interrupted export had begun, and lines that would be there twice.
            for place in [Place.staging, Place.reverseMaps, Place.heads] {
                for entry in try disk.list(place) {
                    let path = place.appending(name: entry.name)
                    if path != Place.mark { try disk.remove(path) }
                }
            }
        }
    }

    /// Runs to the end; `keys` are sealed with `secret`.
    ///
    /// Of several keys of one owner ONE.CORE takes those that come first (one-format 6).
    ///
    /// `progress` is told how many objects are done.
    package func run(
        keys: [(hash: ObjectHash, keyring: Keyring)],
        secret: String,
        random: any RandomSource,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> ExportReport {
        var report = ExportReport(path: path.string)
        for (hash, _) in keys where try store.contains(hash) { try writeLines(of: hash, .one, "Keys") }
        let isListed = Set(keys.map(\.hash))
        try store.forEachObject { hash, byteCount in
            try Task.checkCancellation()
            try write(hash, byteCount, isListed: isListed.contains(hash), &report)
            try progress(report.objectCount)
        }
        try writeHeads(&report)
        // One barrier for all of it, before there are keys with which somebody would open it.
        try ObjectError.from("writing \(path)") { () throws(Errno) in try disk.synchronizeAll() }
        let keychain = try Keychain.create(on: disk, staging: Place.staging, secret: secret, random: random)
        for (hash, keyring) in keys { try keychain.add(keyring, under: hash) }
        try ObjectError.from("finishing \(path)") { () throws(Errno) in
            try disk.remove(Place.mark)
            try disk.synchronizeDirectory(Place.staging)
        }
        return report
    }
}
