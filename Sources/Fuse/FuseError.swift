package import SystemPackage

/// Why a view is not mounted; each in words with the way out.
package enum FuseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no directory at the mount point.
    case notADirectory(FilePath)
    /// An IoM is mounted there already.
    case alreadyMounted(FilePath)
    /// No IoM is mounted there.
    case notMounted(FilePath)
    /// Somebody has a file open there, or is in there.
    case busy(FilePath)
    /// The mount point is inside the root, or contains it: reading the store would go through the mount.
    case overlapsRoot(FilePath, root: FilePath)
    /// The kernel or libfuse refused.
    case refused(FilePath, Errno)
    /// Passthrough was asked for and cannot be; the way that would be taken instead.
    case noPassthrough(FilePath, DataPath)
    /// A call to the operating system failed.
    case system(Errno, String)

    package var description: String {
        switch self {
        case .notADirectory(let path): "\(path) is not a directory: create it first, with mkdir."
        case .alreadyMounted(let path): "An IoM is mounted at \(path) already: unmount it first, with iom umount."
        case .notMounted(let path): "No IoM is mounted at \(path)."
        case .busy(let path): "\(path) is in use: leave it, close what is open there (`fuser -m`), and try again."
        case .overlapsRoot(let path, let root):
            "The mount point \(path) and the root \(root) must not contain each other: choose another mount point."
        case .refused(let path, .noSuchFileOrDirectory), .refused(let path, .operationNotSupportedByDevice):
            "\(path) cannot be mounted: there is no /dev/fuse. Load the module fuse and install fuse3."
        case .refused(let path, let errno):
            "\(path) cannot be mounted: \(errno). Check that fuse3 is installed and that you may mount there."
        case .noPassthrough(let path, let instead):
            "\(path) is not mounted: passthrough was asked for, and what can be had is \(instead). "
                + "Mount with passthrough=auto to take that."
        case .system(let errno, let call): "\(call) failed: \(errno)."
        }
    }
}
