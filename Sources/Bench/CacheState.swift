/// What is in the kernel's memory when a file is read.
enum CacheState: String, CaseIterable, Sendable {
    /// Nothing of its bytes: all read from the disk (posix_fadvise(2), of the mount's file and of the one behind it).
    case cold
    /// The file in the store, but nothing of the mount; ext4 has its file in memory.
    case first
    /// Everything.
    case warm

    var words: String {
        switch self {
        case .cold: "from the disk"
        case .first: "for the first time, the store's file in memory (ext4: its file)"
        case .warm: "again"
        }
    }
}
