package import SystemPackage

/// Why bytes cannot be had; each case tells what the caller can do (design 7).
package enum ObjectError: Error, Hashable, Sendable {
    /// Nobody has ever heard of it: the name is wrong.
    case unknown
    /// Known, but no instance that holds it can be reached: try when one is back.
    case unreachable
    /// A holder was asked and made no progress before the deadline: try again.
    case timedOut
    /// This peer refused: not a member, or revoked.
    case refused(by: String)
    /// Every holder's bytes are wrong: the data is damaged there.
    case damaged(by: String)
    /// The disk is full.
    case noSpace
    /// The calling program is one of those that must not cause a fetch.
    case fetchNotAllowed
    /// The caller no longer wants it.
    case cancelled
    /// The operating system said this, doing that.
    case system(Errno, String)
}
