import CLinux
import Glibc
package import SystemPackage

/// The operating system's file system below one directory, which is held open, so that renaming it changes nothing.
package final class PosixDisk: Disk {
    /// Descriptor of the directory, close-on-exec.
    let top: Int32

    /// Opens a directory that exists; a symbolic link is refused.
    package init(_ path: FilePath) throws(Errno) {
        top = try Self.retrying {
            path.withPlatformString { openat(AT_FDCWD, $0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        }
    }

    deinit { Glibc.close(top) }

    /// Runs a call that answers -1 and `errno`, again while a signal interrupts it.
    @discardableResult
    static func retrying<Count: SignedInteger>(_ call: () -> Count) throws(Errno) -> Count {
        while true {
            let result = call()
            if result != -1 { return result }
            let error = Errno(rawValue: errno)
            if error != .interrupted { throw error }
        }
    }

    package func open(_ path: DiskPath, _ access: DiskAccess) throws(Errno) -> DiskHandle {
        let common = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let number = try Self.retrying {
            path.withCString { name in
                switch access {
                case .read: openat(top, name, O_RDONLY | common)
                case .update: openat(top, name, O_RDWR | common)
                case .create(let permissions): openat(top, name, O_RDWR | O_CREAT | O_EXCL | common, permissions)
                }
            }
        }
        return DiskHandle(number)
    }

    package func close(_ handle: DiskHandle) throws(Errno) {
        // Not again after EINTR: on Linux the descriptor is gone then (close(2)).
        guard Glibc.close(handle.number) == -1 else { return }
        let error = Errno(rawValue: errno)
        if error != .interrupted { throw error }
    }

    package func read(
        _ handle: DiskHandle,
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) throws(Errno) -> Int {
        var done = 0
        while done < buffer.count, let start = buffer.baseAddress {
            let count = try Self.retrying { pread(handle.number, start + done, buffer.count - done, offset + done) }
            if count == 0 { break }
            done += count
        }
        return done
    }

    package func append(_ bytes: UnsafeRawBufferPointer, to handle: DiskHandle) throws(Errno) {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            done += try Self.retrying { Glibc.write(handle.number, start + done, bytes.count - done) }
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer, to handle: DiskHandle, at offset: Int) throws(Errno) {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            done += try Self.retrying { pwrite(handle.number, start + done, bytes.count - done, offset + done) }
        }
    }

    package func resize(_ handle: DiskHandle, to byteCount: Int) throws(Errno) {
        try Self.retrying { ftruncate(handle.number, byteCount) }
    }

    package func setPermissions(_ permissions: UInt32, of handle: DiskHandle) throws(Errno) {
        try Self.retrying { fchmod(handle.number, permissions) }
    }

    package func beginWriting(_ handle: DiskHandle, _ range: Range<Int>) {
        // SYNC_FILE_RANGE_WRITE of linux/fs.h.
        let write: UInt32 = 2
        _ = sync_file_range(handle.number, off_t(range.lowerBound), off_t(range.count), write)
    }

    package func clone(_ source: FileDescriptor, into handle: DiskHandle) -> Bool {
        // FICLONE of linux/fs.h: _IOW(0x94, 9, int).
        let request: UInt = 0x4004_9409
        return ioctl(handle.number, request, source.rawValue) == 0
    }

    package func synchronize(_ handle: DiskHandle) throws(Errno) {
        // Not again after EINTR either: what an interrupted fsync has reported is not told twice.
        if fsync(handle.number) == -1 { throw Errno(rawValue: errno) }
    }

    package func synchronizeAll() throws(Errno) {
        if syncfs(top) == -1 { throw Errno(rawValue: errno) }
    }

    package func descriptor(of handle: DiskHandle) -> FileDescriptor? { FileDescriptor(rawValue: handle.number) }

    package func space() throws(Errno) -> DiskSpace {
        var result = statvfs()
        try Self.retrying { fstatvfs(top, &result) }
        let unit = Int(clamping: result.f_frsize)
        func byteCount(_ blocks: UInt) -> Int {
            let (product, overflow) = Int(clamping: blocks).multipliedReportingOverflow(by: unit)
            return overflow ? .max : product
        }
        return DiskSpace(freeByteCount: byteCount(result.f_bavail), totalByteCount: byteCount(result.f_blocks))
    }
}
