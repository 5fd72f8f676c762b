import CFuse
import Glibc
package import SystemPackage

/// Where a view is mounted.
package enum MountPoint {
    /// Makes a mount point ready: it is a directory, nothing of ours is mounted there, and a mount whose process died
    /// (ENOTCONN) is taken away.
    package static func prepare(_ path: FilePath) throws(FuseError) {
        if isDead(path) { try detach(path) }
        guard case .success(S_IFDIR) = type(of: path) else { throw .notADirectory(path) }
        if MountTable.isMounted(realPath(path) ?? path) { throw .alreadyMounted(path) }
    }

    /// Refuses a mount point that is inside the root, contains it, or is it: reading the store would go through the mount.
    package static func check(_ path: FilePath, against root: FilePath) throws(FuseError) {
        let mountPoint = realPath(path) ?? path.lexicallyNormalized()
        let real = realPath(root) ?? root.lexicallyNormalized()
        guard !mountPoint.starts(with: real), !real.starts(with: mountPoint) else {
            throw .overlapsRoot(path, root: root)
        }
    }

    /// Where an IoM is mounted whose process has died.
    package static func dead() -> [FilePath] {
        MountTable.paths().map { FilePath(String(decoding: $0, as: UTF8.self)) }.filter(isDead)
    }

    /// Whether a folder is one, or in one.
    package static func isMounted(around path: FilePath) -> Bool {
        MountTable.paths().contains { path.starts(with: FilePath(String(decoding: $0, as: UTF8.self))) }
    }

    /// Ends a mount that nobody uses (`umount2(2)`, or `fusermount3 -u`).
    package static func unmount(_ path: FilePath) throws(FuseError) {
        guard MountTable.isMounted(realPath(path) ?? path) || isDead(path) else { throw .notMounted(path) }
        try leave(path, flags: 0, options: ["-u"])
    }

    /// Takes a mount away at once, busy or not (`umount2(2)` with MNT_DETACH, or `fusermount3 -uz`).
    package static func detach(_ path: FilePath) throws(FuseError) {
        try leave(path, flags: Int32(MNT_DETACH), options: ["-u", "-z"])
    }

    private static func leave(_ path: FilePath, flags: Int32, options: [String]) throws(FuseError) {
        guard geteuid() != 0 else {
            guard umount2(path.string, flags) == 0 else {
                if errno == EBUSY { throw .busy(path) }
                throw .system(Errno(rawValue: errno), "umount2")
            }
            return
        }
        for program in ["/usr/bin/fusermount3", "/bin/fusermount3"] where access(program, X_OK) == 0 {
            guard run(program, options + ["--", path.string]) == 0 else { throw .busy(path) }
            return
        }
        throw .system(.notPermitted, "fusermount3 \(path)")
    }

    /// Whether the process of a mount is gone.
    ///
    /// Asks with `statvfs(3)`: what `stat(2)` tells, the kernel may remember from the time when somebody answered.
    private static func isDead(_ path: FilePath) -> Bool {
        var status = statvfs()
        return statvfs(path.string, &status) != 0 && errno == ENOTCONN
    }

    private static func type(of path: FilePath) -> Result<mode_t, Errno> {
        var status = stat()
        guard stat(path.string, &status) == 0 else { return .failure(Errno(rawValue: errno)) }
        return .success(status.st_mode & S_IFMT)
    }

    private static func realPath(_ path: FilePath) -> FilePath? {
        guard let pointer = realpath(path.string, nil) else { return nil }
        defer { free(pointer) }
        return FilePath(String(cString: pointer))
    }

    /// Runs a program and waits for its end: its exit code, or -1.
    private static func run(_ program: String, _ arguments: [String]) -> Int32 {
        var process = pid_t()
        var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        guard posix_spawn(&process, program, nil, nil, &pointers, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 { guard errno == EINTR else { return -1 } }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }
}
