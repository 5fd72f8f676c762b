import Fuse
import Glibc
import Storage
package import SystemPackage

/// Looks at the machine and the root for what keeps an instance from working.
package struct Examination: Sendable {
    package struct Finding: Codable, Sendable, Hashable {
        package var isGood: Bool
        package var words: String
        /// The command that mends it.
        package var mend: String?
    }

    /// Less free room than this is worth telling.
    private static let freeByteCountMin = 200_000_000
    private static let openFilesMin: UInt = 4_096

    private let root: FilePath
    private let secret: FilePath

    package init(root: FilePath, secret: FilePath) { (self.root, self.secret) = (root, secret) }

    package func findings() -> [Finding] {
        [device(), unmounter(), limits(), rootItself(), secretFile(), keys(), room()] + mounts()
    }

    private func device() -> Finding {
        guard access("/dev/fuse", R_OK | W_OK) == 0 else {
            return Finding(
                isGood: false,
                words: "/dev/fuse cannot be used: nothing can be mounted",
                mend: "modprobe fuse"
            )
        }
        return Finding(isGood: true, words: "/dev/fuse can be used")
    }

    private func unmounter() -> Finding {
        let found = ["/usr/bin/fusermount3", "/bin/fusermount3"].contains { (path: String) in access(path, X_OK) == 0 }
        return Finding(
            isGood: found,
            words: found ? "fusermount3 is installed" : "fusermount3 is missing",
            mend: found ? nil : "apt-get install fuse3"
        )
    }

    private func limits() -> Finding {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let isGood = limit.rlim_cur >= Self.openFilesMin
        let words = "\(limit.rlim_cur) files can be open at once"
        return Finding(isGood: isGood, words: words, mend: isGood ? nil : "ulimit -n \(Self.openFilesMin)")
    }

    private func rootItself() -> Finding {
        do throws(RootError) {
            _ = try Root.open(at: root)
            return Finding(isGood: true, words: "\(root) is an instance and safe")
        } catch {
            return Finding(isGood: false, words: "\(error)", mend: "iom init, iom join or iom adopt makes one")
        }
    }

    private func secretFile() -> Finding {
        do {
            _ = try Secrets.read(at: secret)
            return Finding(isGood: true, words: "the secret in \(secret) can be read by nobody else")
        } catch {
            return Finding(
                isGood: false,
                words: CommandError(explaining: error).message,
                mend: "name it with --secret-file"
            )
        }
    }

    private func keys() -> Finding {
        do {
            let root = try Root.open(at: root)
            guard try Keychain.exists(on: root.disk()) else {
                return Finding(isGood: false, words: "the instance has no keys", mend: "iom adopt with --secret-file")
            }
            _ = try Keychain.unlock(in: root, secret: Secrets.read(at: secret))
            return Finding(isGood: true, words: "the secret unseals the keys")
        } catch {
            return Finding(isGood: false, words: CommandError(explaining: error).message)
        }
    }

    private func room() -> Finding {
        guard let space = try? Root.open(at: root).disk().space() else {
            return Finding(isGood: false, words: "the room on the disk of \(root) is not known")
        }
        let isGood = space.freeByteCount >= Self.freeByteCountMin
        return Finding(
            isGood: isGood,
            words: "\(ByteCount(space.freeByteCount)) are free",
            mend: isGood ? nil : "df -h \(root)"
        )
    }

    /// Mounts of an IoM whose process has died.
    private func mounts() -> [Finding] {
        MountPoint.dead().map { path in
            Finding(isGood: false, words: "the mount at \(path) is dead", mend: "fusermount3 -uz \(path)")
        }
    }
}
