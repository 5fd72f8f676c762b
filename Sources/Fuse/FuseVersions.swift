import CFuse
import Glibc

/// What mounts here.
package enum FuseVersions {
    /// Of libfuse, as it is installed.
    package static var library: String { String(cString: fuse_pkgversion()) }

    /// Release of the running kernel (uname(2)).
    package static var kernel: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: &name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
