import Glibc
import Objects
import SystemPackage

/// What the kernel asked, by kind and by answer: one atomic addition a request, and nothing else.
///
/// May be shared by several mounts, and outlives them.
package final class FuseCounters: Sendable {
    /// As in fuse_lowlevel.h.
    package enum Kind: Int, CaseIterable, Sendable {
        case lookup, forget, getattr, readlink, access, statfs, open, read, release, opendir, readdir, readdirplus
        case releasedir, getxattr, listxattr, setxattr, removexattr
        /// All that would change something.
        case write
    }

    /// The errors that are told apart; any other is the last one.
    private static let errnos: [(name: String, number: Int32)] = [
        ("ENOENT", ENOENT), ("EIO", EIO), ("EACCES", EACCES), ("EROFS", EROFS), ("EREMOTEIO", EREMOTEIO),
        ("ETIMEDOUT", ETIMEDOUT), ("EBADMSG", EBADMSG), ("EAGAIN", EAGAIN), ("EINTR", EINTR), ("ENOSPC", ENOSPC),
        ("ESTALE", ESTALE), ("ENODATA", ENODATA), ("ERANGE", ERANGE), ("EBADF", EBADF), ("EINVAL", EINVAL),
        ("EISDIR", EISDIR), ("ENOTDIR", ENOTDIR), ("ENOSYS", ENOSYS), ("ENOTCONN", ENOTCONN), ("EBUSY", EBUSY),
        ("ENFILE", ENFILE), ("other", 0),
    ]

    /// For each kind one counter of answers, one for each error, and one more for waits at the end.
    private let counters: CounterTable
    private static let width = errnos.count + 1
    private static let waits = Kind.allCases.count * width
    private static let waitsEnded = waits + 1

    package init(isCounting: Bool = true) {
        counters = CounterTable(count: Self.waitsEnded + 1, isCounting: isCounting)
    }

    /// A request was answered well.
    func add(_ kind: Kind) { counters.add(at: kind.rawValue * Self.width) }

    /// A request was answered by an error.
    func add(_ kind: Kind, _ errno: Errno) {
        let place = Self.errnos.firstIndex { $0.number == errno.rawValue } ?? Self.errnos.count - 1
        counters.add(at: kind.rawValue * Self.width + 1 + place)
    }

    func beginWait() { counters.add(at: Self.waits) }
    func endWait() { counters.add(at: Self.waitsEnded) }

    /// Requests that had to wait for bytes, and those that do now.
    package var waits: (all: Int, now: Int) {
        let ended = counters[Self.waitsEnded]
        let all = counters[Self.waits]
        return (all, max(0, all - ended))
    }

    /// Requests of a kind, and which of them were answered by an error.
    package func requests(_ kind: Kind) -> (count: Int, errors: [(name: String, count: Int)]) {
        let start = kind.rawValue * Self.width
        let errors = Self.errnos.enumerated().map { ($1.name, counters[start + 1 + $0]) }.filter { $0.1 > 0 }
        return (counters[start] + errors.reduce(0) { $0 + $1.1 }, errors)
    }
}
