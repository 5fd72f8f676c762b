import CFuse
import Glibc
import SystemPackage

/// Files the kernel reads itself, each by the id it gave for a descriptor.
///
/// The kernel holds the file from then on, so the descriptor may be closed. libfuse 3.14 knows nothing of this: the
/// numbers are those of linux/fuse.h from protocol 7.40 (kernel 6.9) on.
struct BackingFiles: Sendable {
    /// The session's descriptor.
    private let session: Int32

    /// `struct fuse_backing_map`.
    private struct Map {
        var descriptor: Int32
        var flags: UInt32 = 0
        var padding: UInt64 = 0
    }

    /// `_IOW(229, 1, struct fuse_backing_map)` and `_IOW(229, 2, uint32_t)`.
    private enum Call {
        static let open: UInt = 1 << 30 | 16 << 16 | 229 << 8 | 1
        static let close: UInt = 1 << 30 | 4 << 16 | 229 << 8 | 2
    }

    init(session: Int32) { self.session = session }

    /// The id of a file (FUSE_DEV_IOC_BACKING_OPEN).
    func open(_ descriptor: Int32) throws(Errno) -> UInt32 {
        var map = Map(descriptor: descriptor)
        let id = ioctl(session, Call.open, &map)
        guard id > 0 else { throw Errno(rawValue: id == 0 ? EINVAL : errno) }
        return UInt32(id)
    }

    /// Who has the file open keeps it (FUSE_DEV_IOC_BACKING_CLOSE).
    func close(_ id: UInt32) {
        var id = id
        _ = ioctl(session, Call.close, &id)
    }

    /// Which way the kernel takes for files of the file system that `sample` is on; nil: whether it takes any.
    func dataPath(for sample: FilePath?) -> DataPath {
        let file = sample.flatMap { try? FileDescriptor.open($0, .readOnly, options: [.closeOnExec]) }
        defer { try? file?.close() }
        do throws(Errno) {
            close(try open(file?.rawValue ?? -1))
            return .passthrough
        } catch {
            switch error {
            case .badFileDescriptor where file == nil: return .passthrough
            case .notPermitted: return .splice(.notPermitted)
            default: return .splice(.stacked)
            }
        }
    }
}
