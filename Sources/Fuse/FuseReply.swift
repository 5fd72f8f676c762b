import CFuse
import Glibc
import Objects
import SystemPackage
import Views

/// What a request comes to.
///
/// Whoever handles a request returns one of these and cannot send it.
enum FuseReply {
    case done
    case failed(Errno)
    case entry(EntryAttributes, Lifetime)
    /// There is nothing of this name, which may be remembered so long.
    case absent(Duration)
    case attributes(EntryAttributes, Lifetime)
    case link(String)
    /// A file is open under this handle.
    case opened(UInt64, EntryNumber, Caching)
    /// A file is open that the kernel reads itself, by this id.
    case openedBacked(EntryNumber, UInt32)
    case openedDirectory(UInt64, isKept: Bool)
    case bytes([UInt8], Range<Int>)
    /// This range of the descriptor; the file keeps it open until the reply is sent.
    case local(FileDescriptor, Range<Int>, OpenFile)
    /// How many bytes an extended attribute has.
    case byteCount(Int)
    case space(StorageSpace)
    /// Answered later: bytes that are to be fetched.
    case waits(FetchRequest)

    /// What the kernel may remember of what it reads of a file.
    enum Caching {
        /// All, until told otherwise.
        case kept
        /// What it reads from now on.
        case anew
        case none
    }
}

extension FuseReply {
    /// Sends it: the request is gone afterwards (`fuse_reply_*`).
    ///
    /// Negative: nobody wanted it any more.
    func send(_ request: fuse_req_t) -> Int32 {
        switch self {
        case .done: return fuse_reply_err(request, 0)
        case .failed(let errno): return fuse_reply_err(request, errno.rawValue)
        case .entry(let attributes, let lifetime):
            var entry = fuse_entry_param(attributes, lifetime)
            return fuse_reply_entry(request, &entry)
        case .absent(let lifetime):
            var entry = fuse_entry_param()
            entry.entry_timeout = lifetime.seconds
            return fuse_reply_entry(request, &entry)
        case .attributes(let attributes, let lifetime):
            var status = stat(attributes)
            return fuse_reply_attr(request, &status, lifetime.attributes.seconds)
        case .link(let target): return fuse_reply_readlink(request, target)
        case .opened(let handle, _, let caching):
            var info = fuse_file_info()
            info.fh = handle
            info.keep_cache = caching == .kept ? 1 : 0
            info.direct_io = caching == .none ? 1 : 0
            return fuse_reply_open(request, &info)
        case .openedBacked(_, let id): return Self.open(request, backing: id)
        case .openedDirectory(let handle, let isKept):
            var info = fuse_file_info()
            info.fh = handle
            info.keep_cache = isKept ? 1 : 0
            info.cache_readdir = isKept ? 1 : 0
            return fuse_reply_open(request, &info)
        case .bytes(let bytes, let range):
            return bytes.withUnsafeBytes { buffer in
                let part = UnsafeRawBufferPointer(rebasing: buffer[range])
                return fuse_reply_buf(request, part.assumingMemoryBound(to: CChar.self).baseAddress, part.count)
            }
        case .local(let descriptor, let range, let file):
            return withExtendedLifetime(file) { Self.splice(descriptor, range, to: request) }
        case .byteCount(let count): return fuse_reply_xattr(request, count)
        case .space(let space):
            var status = statvfs(space)
            return fuse_reply_statfs(request, &status)
        case .waits: preconditionFailure("a request that waits is answered by what it waits for")
        }
    }

    /// `struct fuse_open_out` with a backing id, which libfuse 3.14 has no word for.
    private static func open(_ request: fuse_req_t, backing id: UInt32) -> Int32 {
        // FOPEN_PASSTHROUGH of linux/fuse.h from protocol 7.40 on; the id is where older ones have padding.
        let flags: UInt32 = 1 << 7
        var answer = (FuseHandler.backedHandle, flags, id)
        return withUnsafeBytes(of: &answer) { bytes in
            fuse_reply_buf(request, bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count)
        }
    }

    /// The kernel moves the bytes from file to reader by a pipe; they never come here (`fuse_reply_data`).
    private static func splice(_ descriptor: FileDescriptor, _ range: Range<Int>, to request: fuse_req_t) -> Int32 {
        var vector = fuse_bufvec()
        vector.count = 1
        vector.buf.size = range.count
        vector.buf.flags = fuse_buf_flags(FUSE_BUF_IS_FD.rawValue | FUSE_BUF_FD_SEEK.rawValue)
        vector.buf.fd = descriptor.rawValue
        vector.buf.pos = range.lowerBound
        if !DiskCache.hasEnd(of: range, in: descriptor) { AnsweringThread.stepAside() }
        return fuse_reply_data(request, &vector, fuse_buf_copy_flags(0))
    }
}
