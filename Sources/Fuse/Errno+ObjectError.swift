import Glibc
import Objects
import SystemPackage

extension Errno {
    /// The one place where what happened becomes what a program sees (design 7).
    init(_ error: ObjectError) {
        self =
            switch error {
            case .unknown: .noSuchFileOrDirectory
            case .unreachable: Errno(rawValue: Glibc.EREMOTEIO)
            case .timedOut: .timedOut
            case .refused: .permissionDenied
            case .damaged: Errno(rawValue: Glibc.EBADMSG)
            case .noSpace: .noSpace
            case .fetchNotAllowed: .resourceTemporarilyUnavailable
            case .cancelled: .interrupted
            case .system(let errno, _): errno
            }
    }
}
