import Fuse
import Glibc
import Objects
import SystemPackage

/// Whether somebody answers where an IoM is mounted.
struct MountFacts: Sendable {
    struct Mount: Hashable, Sendable {
        var path: FilePath
        var state: MountState
    }

    /// Who answers from memory does it at once.
    static let patience = Duration.seconds(2)

    var mounts: [Mount] = []
    var isRoot = false

    var findings: [Finding] {
        guard !mounts.isEmpty else { return [.ok(.mounts, "nothing of ours is mounted")] }
        return mounts.map { mount in
            let path = mount.path.string
            // Takes it away also where somebody still stands in it.
            let mend = (isRoot ? "umount -l " : "fusermount3 -uz ") + ShellWord.quoted(path)
            return switch mount.state {
            case .alive: .ok(.mounts, "the mount at \(path) answers")
            case .dead: .problem(.mounts, "the mount at \(path) is dead: the process behind it has ended", mend: mend)
            case .silent:
                .problem(.mounts, "the mount at \(path) did not answer within \(Self.patience)", mend: mend)
            case .unknown: .unknown(.mounts, "the mount at \(path) cannot be looked at by this user")
            }
        }
    }

    static func gathered(time: any Timekeeper) async -> Self {
        var facts = Self(isRoot: geteuid() == 0)
        for path in MountPoint.all() {
            facts.mounts.append(
                Mount(path: path, state: await MountPoint.state(of: path, within: patience, time: time))
            )
        }
        return facts
    }
}
