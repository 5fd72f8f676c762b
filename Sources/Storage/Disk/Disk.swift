package import SystemPackage

/// A file system below one directory: the seam between the store and the machine.
///
/// Paths are relative to that directory. No operation follows a symbolic link in the last component, blocks on a FIFO or
/// device, or is left half done by a signal: `EINTR` and short counts are dealt with here. What is written is durable only
/// after the `synchronize` that covers it, a name only after that of its directory.
package protocol Disk: Sendable {
    /// Opens a file (open(2)); the handle is to be closed.
    func open(_ path: DiskPath, _ access: DiskAccess) throws(Errno) -> DiskHandle
    /// Closes; a write that failed late is reported here (close(2)).
    func close(_ handle: DiskHandle) throws(Errno)
    /// Fills the buffer from this offset, less only at the end of the file (pread(2)).
    func read(_ handle: DiskHandle, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Errno) -> Int
    /// Writes all bytes at the end (write(2)).
    func append(_ bytes: UnsafeRawBufferPointer, to handle: DiskHandle) throws(Errno)
    /// Writes all bytes from this offset on, whatever the file's size (pwrite(2)).
    func write(_ bytes: UnsafeRawBufferPointer, to handle: DiskHandle, at offset: Int) throws(Errno)
    /// Cuts the file, or makes it longer by a hole that reads as zeros (ftruncate(2)).
    func resize(_ handle: DiskHandle, to byteCount: Int) throws(Errno)
    /// Changes who may do what with the file (fchmod(2)).
    func setPermissions(_ permissions: UInt32, of handle: DiskHandle) throws(Errno)
    /// Sets the disk to work on what was written, without waiting for it or promising anything (sync_file_range(2)).
    func beginWriting(_ handle: DiskHandle, _ range: Range<Int>)
    /// Makes the empty file share the blocks of another one (ioctl_ficlone(2)); false where that is not possible.
    func clone(_ source: FileDescriptor, into handle: DiskHandle) -> Bool
    func status(of handle: DiskHandle) throws(Errno) -> DiskStatus
    /// nil: there is nothing of this name.
    func status(at path: DiskPath) throws(Errno) -> DiskStatus?
    /// Makes a file's bytes durable (fsync(2)). After an error the bytes are lost: never call it again for the same file.
    func synchronize(_ handle: DiskHandle) throws(Errno)
    /// Makes the names in a directory durable (fsync(2)); refuses anything but a directory.
    func synchronizeDirectory(_ path: DiskPath) throws(Errno)
    /// Makes everything written so far durable (syncfs(2)).
    func synchronizeAll() throws(Errno)
    /// Gives a file another name; `.fileExists` if that is taken (renameat2(2), RENAME_NOREPLACE).
    func publish(_ path: DiskPath, as name: DiskPath) throws(Errno)
    /// Gives a file another name, in place of what has it (rename(2)).
    func replace(_ name: DiskPath, by path: DiskPath) throws(Errno)
    /// Makes a second name for a file of another disk (link(2)); `.fileExists` if the name is taken.
    func link(_ path: DiskPath, of source: PosixDisk, as name: DiskPath) throws(Errno)
    /// unlink(2); of a directory, if it is empty, rmdir(2).
    func remove(_ path: DiskPath) throws(Errno)
    func makeDirectory(_ path: DiskPath, permissions: UInt32) throws(Errno)
    /// The names in a directory in no order, without `.` and `..`.
    func list(_ path: DiskPath) throws(Errno) -> [DiskEntry]
    /// The descriptor behind a handle, which whoever asks closes in place of the handle; nil where files have none.
    func descriptor(of handle: DiskHandle) -> FileDescriptor?
    /// Room left.
    func space() throws(Errno) -> DiskSpace
}

/// How a file is opened.
package enum DiskAccess: Hashable, Sendable {
    /// An existing file, for reading.
    case read
    /// An existing file, for reading and writing.
    case update
    /// A new file, for writing and reading; `.fileExists` if the name is taken.
    case create(permissions: UInt32)
}

/// Number of an open file of one disk.
package struct DiskHandle: Hashable, Sendable {
    package let number: Int32
    package init(_ number: Int32) { self.number = number }
}
