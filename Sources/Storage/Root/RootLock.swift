import Glibc
package import SystemPackage

/// The right to run the instance of a root: at most one process of the machine has it (flock(2)).
///
/// The kernel takes it back when the process ends in any way, so a lock file that was left behind is no obstacle.
package struct RootLock: ~Copyable, Sendable {
    private let descriptor: Int32

    fileprivate init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { Glibc.close(descriptor) }
}

extension Root {
    /// Takes the lock, or says who has it.
    package func lock() throws(RootError) -> RootLock {
        let file = path.appending("lock")
        let descriptor: Int32
        do throws(Errno) {
            descriptor = try Self.openLock(file)
        } catch {
            throw .system(error, "opening \(file)")
        }
        let lock = RootLock(descriptor)
        do throws(Errno) {
            try PosixDisk.retrying { flock(descriptor, LOCK_EX | LOCK_NB) }
        } catch {
            guard error == .wouldBlock else { throw .system(error, "locking \(file)") }
            throw .inUse(path, processID: Self.processID(in: descriptor))
        }
        // Only for people: who holds the lock is what the kernel says, not what the file says.
        let text = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.count, 0)
        return lock
    }

    /// Who had the lock of a root last, as far as its file says.
    package static func processID(of root: FilePath) -> Int32? {
        guard
            let file = try? FileDescriptor.open(root.appending("lock"), .readOnly, options: [.noFollow, .closeOnExec])
        else { return nil }
        defer { try? file.close() }
        return processID(in: file.rawValue)
    }

    /// A file system that has become read-only can still be read from under the lock.
    private static func openLock(_ file: FilePath) throws(Errno) -> Int32 {
        func open(_ flags: Int32) throws(Errno) -> Int32 {
            try PosixDisk.retrying {
                file.withPlatformString { openat(AT_FDCWD, $0, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0o600) }
            }
        }
        do throws(Errno) {
            return try open(O_RDWR | O_CREAT)
        } catch {
            guard error == .readOnlyFileSystem else { throw error }
            return try open(O_RDONLY)
        }
    }

    private static func processID(in descriptor: Int32) -> Int32? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: text.prefix(count).prefix { $0 != 0x0A }, as: UTF8.self))
    }
}
