package import SystemPackage

/// Why keys cannot be had or kept.
package enum KeychainError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no keychain: make one, or restore `private/` from a backup.
    case missing
    /// The secret does not open it: give the right one.
    case wrongSecret
    /// A file is not what it should be: restore it from a backup.
    case damaged(String)
    /// Others may read or write a file of it, or own it: chmod 600 it, or make new keys if they did.
    case unsafe(String)
    /// Other keys have this name already.
    case occupied(String)
    /// The operating system said this, doing that.
    case system(Errno, String)

    package var description: String {
        switch self {
        case .missing: "there are no keys in private/: restore it from a backup"
        case .wrongSecret: "the secret does not open the keys in private/"
        case .damaged(let name): "private/\(name) is damaged: restore it from a backup"
        case .unsafe(let name): "private/\(name) can be read or written by others: chmod 600 it"
        case .occupied(let name): "private/\(name) holds other keys: nothing was changed"
        case .system(let error, let action): "\(action): \(error)"
        }
    }
}
