import Glibc
package import SystemPackage

/// The directory of an instance and the places in it (design 3).
///
/// One that `open` gave belongs to this user, nobody else can write to it, and its directories are directories.
package struct Root: Hashable, Sendable {
    package let path: FilePath

    /// Names a directory without looking at it: for disks that are not the machine's.
    package init(unchecked path: FilePath) { self.path = path }

    package var configuration: FilePath { path.appending("iom.toml") }
    package var catalog: FilePath { path.appending("catalog.sqlite") }
    package var controlSocket: FilePath { path.appending("control.sock") }

    /// The places of the root as paths of its disk.
    package enum Place {
        package static let objects: DiskPath = "objects"
        package static let heads: DiskPath = "heads"
        package static let pins: DiskPath = "pins"
        package static let secretKeys: DiskPath = "private"
        package static let quarantine: DiskPath = "quarantine"
        package static let incoming: DiskPath = "incoming"
        package static let partial: DiskPath = "partial"
        package static let chunks: DiskPath = "chunks"
        package static let previews: DiskPath = "previews"
        package static let catalog: DiskPath = "catalog.sqlite"
        package static let journal: [DiskPath] = ["catalog.sqlite-wal", "catalog.sqlite-shm"]
        package static let backupFilter: DiskPath = ".rsync-filter"
    }

    /// What `rsync -F` leaves out: what is derived, what belongs to the running process, and half-written files.
    ///
    /// Patterns that start with `/` are anchored at the directory of the filter file (rsync(1), "per-directory rules").
    package static let backupFilter = """
        # rsync -aF of this directory is a complete backup that can be restored by copying it back.
        - /catalog.sqlite*
        - /habits.json
        - /lock
        - /control.sock
        - /browsers.json
        - /state.json
        - /incoming/*
        - /partial/*
        - /chunks/*
        - /previews/*

        """

    /// Its directories.
    ///
    /// Nobody but the owner may look into the root at all, so only `private` needs a mode of its own.
    private static let directories: [(path: DiskPath, permissions: UInt32)] = [
        (Place.heads, 0o755), (Place.objects, 0o755), (Place.secretKeys, 0o700), (Place.quarantine, 0o755),
        (Place.incoming, 0o755), (Place.partial, 0o755), (Place.chunks, 0o755),
        (Place.previews, 0o755),
    ]

    /// Makes the places on a disk that are not there yet, durable on return.
    package static func lay(out disk: some Disk) throws(RootError) {
        do throws(Errno) {
            for (place, permissions) in directories where try disk.status(at: place) == nil {
                try disk.makeDirectory(place, permissions: permissions)
            }
            if try disk.status(at: Place.backupFilter) == nil {
                var file = try OpenFile(Place.backupFilter, .create(permissions: 0o644), on: disk)
                try file.append(Array(backupFilter.utf8))
                try file.synchronize()
                try file.close()
            }
            try disk.synchronizeDirectory(".")
        } catch {
            throw .system(error, "making the directories of an instance")
        }
    }
}

extension Root {
    /// Makes the directory of an instance, with what is missing above it, mode 0700.
    ///
    /// One that is empty or already an instance's is taken.
    package static func create(at path: FilePath) throws(RootError) -> Self {
        do throws(Errno) { try PosixDisk.makeDirectories(path) } catch { throw .system(error, "making \(path)") }
        let disk = try self.disk(at: path)
        try checkOwner(of: path, disk)
        let isInstance: Bool
        do throws(Errno) {
            let names = try disk.list(".").map(\.name)
            let known = directories.map(\.path.bytes) + [Array("iom.toml".utf8), Place.backupFilter.bytes]
            isInstance = names.isEmpty || names.contains { known.contains($0) }
        } catch {
            throw .system(error, "listing \(path)")
        }
        guard isInstance else { throw .occupied(path) }
        try lay(out: disk)
        return try open(at: path)
    }

    /// Checks that this is the directory of an instance and safe to use; makes those of its directories that are missing,
    /// as a backup may lack the empty ones.
    package static func open(at path: FilePath) throws(RootError) -> Self {
        let disk = try self.disk(at: path)
        try checkOwner(of: path, disk)
        do throws(Errno) {
            guard try disk.status(at: Place.objects) != nil else { throw Errno.noSuchFileOrDirectory }
        } catch {
            throw error == .noSuchFileOrDirectory ? .missing(path) : .system(error, "opening \(path)")
        }
        try lay(out: disk)
        for (place, _) in directories { try check(place, path, disk) }
        return Self(unchecked: path)
    }

    /// The disk of this root.
    package func disk() throws(RootError) -> PosixDisk { try Self.disk(at: path) }

    private static func disk(at path: FilePath) throws(RootError) -> PosixDisk {
        do throws(Errno) {
            return try PosixDisk(path)
        } catch {
            switch error {
            case .noSuchFileOrDirectory: throw .missing(path)
            case .notDirectory, .tooManySymbolicLinkLevels:
                throw .unsafe(path, reason: "is not a directory; if it is a symbolic link, name its target")
            default: throw .system(error, "opening \(path)")
            }
        }
    }

    private static func checkOwner(of path: FilePath, _ disk: PosixDisk) throws(RootError) {
        try check(".", path, disk)
    }

    private static func check(_ place: DiskPath, _ path: FilePath, _ disk: PosixDisk) throws(RootError) {
        let status: DiskStatus?
        do throws(Errno) { status = try disk.status(at: place) } catch { throw .system(error, "looking at \(path)") }
        let full = place == "." ? path : path.appending(place.description)
        guard let status else { throw .missing(full) }
        guard status.kind == .directory else { throw .unsafe(full, reason: "is not a directory") }
        guard status.ownerID == geteuid() else {
            throw .unsafe(full, reason: "belongs to user \(status.ownerID), not to user \(geteuid())")
        }
        guard status.permissions & 0o022 == 0 else {
            throw .unsafe(full, reason: "can be written by others; chmod go-w it if you trust what is in it")
        }
        guard place != Place.secretKeys || status.permissions & 0o077 == 0 else {
            throw .unsafe(full, reason: "can be read by others; chmod 700 it")
        }
    }
}
