import Glibc
import Objects
import SystemPackage

/// What the file system of the root has left.
struct DiskFacts: Sendable {
    var freeByteCount: Int
    /// nil: this file system makes as many files as it has room for.
    var freeFileCount: Int?
    var isReadOnly = false
    /// Whether something could go from here to make room.
    var dropsObjects = false
    var mending: Mending

    /// Below this writing will soon be refused.
    private static let freeByteCountMin = 20_000_000
    private static let freeByteCountEnough = 200_000_000
    private static let freeFileCountMin = 100
    private static let freeFileCountEnough = 10_000

    var findings: [Finding] {
        if isReadOnly {
            return [
                .problem(
                    .disk,
                    "the file system of \(mending.root) is read-only: nothing new can be kept",
                    mend: "sudo mount -o remount,rw \"$(findmnt -n -o TARGET -T \(ShellWord.quoted(mending.root)))\""
                )
            ]
        }
        return [room, files]
    }

    private var room: Finding {
        let words = "\(ByteCount(freeByteCount)) are free on the disk of \(mending.root)"
        let mend =
            dropsObjects ? mending.iom("evict") : "du -xh -d 2 \(ShellWord.quoted(mending.root)) | sort -h | tail"
        if freeByteCount >= Self.freeByteCountEnough { return .ok(.disk, words) }
        if freeByteCount >= Self.freeByteCountMin { return .warning(.disk, words, mend: mend) }
        return .problem(.disk, "only \(words)", mend: mend)
    }

    private var files: Finding {
        guard let freeFileCount else { return .ok(.disk, "the disk makes as many files as it has room for") }
        let words = "\(freeFileCount) more files fit on the disk of \(mending.root), however small"
        let mend = "df -i \(ShellWord.quoted(mending.root))   # delete or move small files that fill it"
        if freeFileCount >= Self.freeFileCountEnough { return .ok(.disk, words) }
        if freeFileCount >= Self.freeFileCountMin { return .warning(.disk, words, mend: mend) }
        return .problem(.disk, "only \(words)", mend: mend)
    }
}

extension DiskFacts {
    /// nil: the file system does not tell.
    static func gathered(_ mending: Mending, dropsObjects: Bool) -> Self? {
        var space = statvfs()
        guard statvfs(mending.root.string, &space) == 0 else { return nil }
        let (free, overflow) = Int(clamping: space.f_bavail).multipliedReportingOverflow(
            by: Int(clamping: space.f_frsize)
        )
        return Self(
            freeByteCount: overflow ? .max : free,
            freeFileCount: space.f_files == 0 ? nil : Int(clamping: space.f_favail),
            isReadOnly: space.f_flag & UInt(ST_RDONLY) != 0,
            dropsObjects: dropsObjects,
            mending: mending
        )
    }
}
