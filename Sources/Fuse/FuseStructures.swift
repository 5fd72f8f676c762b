import CFuse
import Glibc
import Objects
import Views

extension Duration {
    /// As libfuse counts time-outs.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension stat {
    init(_ attributes: EntryAttributes) {
        self.init()
        let type: mode_t =
            switch attributes.type {
            case .directory: S_IFDIR
            case .regular: S_IFREG
            case .symbolicLink: S_IFLNK
            }
        st_ino = UInt(attributes.number)
        st_mode = type | mode_t(attributes.permissions)
        st_nlink = UInt(attributes.linkCount)
        (st_uid, st_gid) = (attributes.userID, attributes.groupID)
        (st_size, st_blocks) = (attributes.byteCount, attributes.blockCount)
        let (seconds, nanoseconds) = attributes.modified.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        // Before 1970 the remainder is negative, and the kernel wants it counted from the second before.
        let time =
            nanoseconds < 0
            ? timespec(tv_sec: Int(seconds) - 1, tv_nsec: Int(nanoseconds) + 1_000_000_000)
            : timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))
        (st_atim, st_mtim, st_ctim) = (time, time, time)
    }
}

extension fuse_entry_param {
    init(_ attributes: EntryAttributes, _ lifetime: Lifetime) {
        self.init()
        ino = attributes.number
        attr = stat(attributes)
        (attr_timeout, entry_timeout) = (lifetime.attributes.seconds, lifetime.name.seconds)
    }
}

extension statvfs {
    private static let blockByteCount: UInt64 = 4_096

    init(_ space: StorageSpace) {
        self.init()
        let free = space.quotaByteCount - min(space.usedByteCount, space.quotaByteCount)
        (f_bsize, f_frsize) = (UInt(Self.blockByteCount), UInt(Self.blockByteCount))
        f_blocks = UInt(space.quotaByteCount / Self.blockByteCount)
        f_bfree = UInt(free / Self.blockByteCount)
        f_bavail = f_bfree
        f_namemax = UInt(View.nameByteCountMax)
    }
}
