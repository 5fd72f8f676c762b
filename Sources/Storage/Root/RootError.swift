package import SystemPackage

/// Why the directory of an instance cannot be used.
package enum RootError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no instance here: make one, or name another directory.
    case missing(FilePath)
    /// Something else is here, so no instance is made.
    case occupied(FilePath)
    /// Others own it or can write to it, so its bytes cannot be trusted: change owner or mode, or name another one.
    case unsafe(FilePath, reason: String)
    /// Another process runs this instance: talk to that one.
    case inUse(FilePath, processID: Int32?)
    /// The operating system said this, doing that.
    case system(Errno, String)

    package var description: String {
        switch self {
        case .missing(let path): "\(path) is not the directory of an instance"
        case .occupied(let path): "\(path) is not empty and not the directory of an instance"
        case .unsafe(let path, let reason): "\(path) \(reason)"
        case .inUse(let path, let processID?): "\(path) is in use by process \(processID)"
        case .inUse(let path, nil): "\(path) is in use by another process"
        case .system(let error, let action): "\(action): \(error)"
        }
    }
}
