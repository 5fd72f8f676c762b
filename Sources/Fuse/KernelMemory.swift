import CFuse
import CLinux
import Glibc
import Objects
import Synchronization
import SystemPackage

/// What the kernel may remember of the bytes of files, as far as it is known here.
///
/// Bounded by the files the kernel knows, which it tells of by FORGET.
final class KernelMemory: Sendable {
    /// Above this, copying costs more than asking.
    static let storedByteCountMax = 64 << 10
    /// About 50 bytes each; above, nothing is known of any.
    private static let countMax = 1 << 20

    private struct Remembered {
        /// Tells the objects apart whose bytes a path had; 0 where bytes of several may be remembered.
        var version: UInt64
        /// Whether the kernel was given all bytes and has not asked for any since.
        var isWhole = false
    }

    private let files = Mutex<[EntryNumber: Remembered]>([:])

    private static func version(_ hash: ObjectHash?) -> UInt64 { hash?.words.0 ?? 1 }

    /// A file is opened for reading what the kernel remembers: whether it may go on with what it has.
    ///
    /// `isShared` tells that somebody else has it open.
    func open(_ number: EntryNumber, _ hash: ObjectHash?, isShared: Bool) -> Bool {
        let version = Self.version(hash)
        return files.withLock { files in
            guard let known = files[number] else {
                if files.count >= Self.countMax { files.removeAll() }
                files[number] = Remembered(version: version)
                return true
            }
            guard known.version != version else { return true }
            files[number] = Remembered(version: isShared ? 0 : version)
            return false
        }
    }

    /// Whether the kernel has every byte, as it seems.
    func isWhole(_ number: EntryNumber) -> Bool { files.withLock { $0[number]?.isWhole == true } }

    /// The kernel asks for bytes: it has given them up, or never had them.
    func noteRead(_ number: EntryNumber) { files.withLock { $0[number]?.isWhole = false } }

    /// The kernel knows the file no longer.
    func forget(_ number: EntryNumber) { files.withLock { $0[number] = nil } }

    /// Gives the kernel all bytes of a small file that nobody else has open (FUSE_NOTIFY_STORE), so that it need not ask
    /// for them: asking takes far longer than the bytes.
    ///
    /// With others, a page could be waited for that is being asked for (README.notifications of libfuse).
    func store(_ number: EntryNumber, _ descriptor: FileDescriptor, byteCount: Int, to session: OpaquePointer) {
        let isDone = withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 4_096) { buffer in
            guard Self.read(descriptor, into: buffer) else { return false }
            var bytes = fuse_bufvec()
            (bytes.count, bytes.buf.size, bytes.buf.mem) = (1, byteCount, buffer.baseAddress)
            return fuse_lowlevel_notify_store(session, number, 0, &bytes, fuse_buf_copy_flags(0)) == 0
        }
        if isDone { files.withLock { $0[number]?.isWhole = true } }
    }

    /// Fills a buffer from the start of a file; others answer meanwhile if the disk is to be waited for.
    private static func read(_ descriptor: FileDescriptor, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        if preadv2(descriptor.rawValue, &vector, 1, 0, DiskCache.onlyIfThere) == buffer.count { return true }
        AnsweringThread.stepAside()
        return (try? descriptor.read(fromAbsoluteOffset: 0, into: buffer)) == buffer.count
    }
}

/// What the kernel has in memory of the files of the store.
enum DiskCache {
    /// RWF_NOWAIT of linux/fs.h: fails instead of waiting for the disk.
    static let onlyIfThere: Int32 = 8

    /// Whether the last byte of a range can be read without waiting for the disk; reading ahead goes upward, so then the
    /// others mostly can.
    static func hasEnd(of range: Range<Int>, in descriptor: FileDescriptor) -> Bool {
        guard !range.isEmpty else { return true }
        var byte: UInt8 = 0
        return withUnsafeMutableBytes(of: &byte) { buffer in
            var vector = iovec(iov_base: buffer.baseAddress, iov_len: 1)
            return preadv2(descriptor.rawValue, &vector, 1, range.upperBound - 1, onlyIfThere) == 1
        }
    }
}
