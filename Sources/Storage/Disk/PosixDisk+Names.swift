import CLinux
import Glibc
import Objects
package import SystemPackage

extension PosixDisk {
    package func status(of handle: DiskHandle) throws(Errno) -> DiskStatus {
        var result = stat()
        try Self.retrying { fstat(handle.number, &result) }
        return DiskStatus(result)
    }

    package func status(at path: DiskPath) throws(Errno) -> DiskStatus? {
        var result = stat()
        do throws(Errno) {
            try Self.retrying { path.withCString { fstatat(top, $0, &result, AT_SYMLINK_NOFOLLOW) } }
        } catch {
            if error == .noSuchFileOrDirectory { return nil }
            throw error
        }
        return DiskStatus(result)
    }

    package func synchronizeDirectory(_ path: DiskPath) throws(Errno) {
        let directory = try openDirectory(path)
        defer { Glibc.close(directory) }
        if fsync(directory) == -1 { throw Errno(rawValue: errno) }
    }

    package func publish(_ path: DiskPath, as name: DiskPath) throws(Errno) {
        // RENAME_NOREPLACE of linux/fs.h.
        let noReplace: UInt32 = 1
        try Self.retrying {
            path.withCString { old in name.withCString { renameat2(top, old, top, $0, noReplace) } }
        }
    }

    package func replace(_ name: DiskPath, by path: DiskPath) throws(Errno) {
        try Self.retrying { path.withCString { old in name.withCString { renameat(top, old, top, $0) } } }
    }

    package func link(_ path: DiskPath, of source: PosixDisk, as name: DiskPath) throws(Errno) {
        try Self.retrying { path.withCString { old in name.withCString { linkat(source.top, old, top, $0, 0) } } }
    }

    package func remove(_ path: DiskPath) throws(Errno) {
        do throws(Errno) {
            try Self.retrying { path.withCString { unlinkat(top, $0, 0) } }
        } catch {
            guard error == .isDirectory else { throw error }
            try Self.retrying { path.withCString { unlinkat(top, $0, AT_REMOVEDIR) } }
        }
    }

    package func makeDirectory(_ path: DiskPath, permissions: UInt32) throws(Errno) {
        try Self.retrying { path.withCString { mkdirat(top, $0, permissions) } }
    }

    package func list(_ path: DiskPath) throws(Errno) -> [DiskEntry] {
        let directory = try openDirectory(path)
        guard let stream = fdopendir(directory) else {
            let error = Errno(rawValue: errno)
            Glibc.close(directory)
            throw error
        }
        defer { closedir(stream) }
        var entries: [DiskEntry] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = Self.name(of: entry)
            if name == [0x2E] || name == [0x2E, 0x2E] { continue }
            if let kind = try kind(of: entry.pointee.d_type, path.appending(name: name)) {
                entries.append(DiskEntry(name: name, kind: kind))
            }
        }
        if errno != 0 { throw Errno(rawValue: errno) }
        return entries
    }

    /// mkdir -p of a path of the machine; only the directories made here get mode 0700.
    static func makeDirectories(_ path: FilePath) throws(Errno) {
        var made = FilePath()
        if path.isAbsolute { made.root = path.root }
        for component in path.components {
            made.append(component)
            guard made.withPlatformString({ mkdir($0, 0o700) }) == -1 else { continue }
            let error = Errno(rawValue: errno)
            if error != .fileExists, error != .isDirectory { throw error }
        }
    }

    private func openDirectory(_ path: DiskPath) throws(Errno) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        return try Self.retrying { path.withCString { openat(top, $0, flags) } }
    }

    /// The kernel's word on the kind, or, where the file system gives none, a look; nil if it has gone.
    private func kind(of type: UInt8, _ path: DiskPath) throws(Errno) -> DiskStatus.Kind? {
        switch Int32(type) {
        case Int32(DT_REG): .file
        case Int32(DT_DIR): .directory
        case Int32(DT_LNK): .link
        case Int32(DT_UNKNOWN): try status(at: path)?.kind
        default: .other
        }
    }

    /// The name in a `dirent`, which is as long as its record, whatever the declared 256 bytes.
    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        let start = UnsafeRawPointer(entry) + offset
        let length = strlen(start.assumingMemoryBound(to: CChar.self))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: length))
    }
}

extension DiskStatus {
    /// Of a file that is not on a disk of ours; nil if the descriptor is none.
    init?(of descriptor: FileDescriptor) {
        var result = stat()
        guard fstat(descriptor.rawValue, &result) == 0 else { return nil }
        self.init(result)
    }

    /// From stat(2).
    init(_ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .link
            default: .other
            }
        func time(_ value: timespec) -> Timestamp {
            // A damaged inode may say anything: wrap rather than trap, the stamp is only compared.
            Timestamp(nanoseconds: Int64(value.tv_sec) &* 1_000_000_000 &+ Int64(value.tv_nsec))
        }
        let stamp = FileStamp(
            inode: UInt64(status.st_ino),
            byteCount: Int(status.st_size),
            modified: time(status.st_mtim),
            changed: time(status.st_ctim)
        )
        self.init(
            kind: kind,
            stamp: stamp,
            permissions: status.st_mode & 0o7777,
            ownerID: status.st_uid,
            // In units of 512 bytes, whatever the size of a block (stat(3type)).
            allocatedByteCount: Int(status.st_blocks) &* 512,
            accessed: time(status.st_atim)
        )
    }
}
