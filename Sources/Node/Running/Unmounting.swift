import Fuse
package import SystemPackage

/// Ends a mount, whichever process made it.
package enum Unmounting {
    package static func run(at directory: FilePath) throws {
        do throws(FuseError) {
            try MountPoint.unmount(directory)
        } catch {
            throw CommandError("\(error)")
        }
    }
}
