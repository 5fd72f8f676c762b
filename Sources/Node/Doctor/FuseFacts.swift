import CLinux
import Fuse
import Glibc
import SystemPackage

/// Whether this user can mount here, and as asked for.
struct FuseFacts: Sendable {
    enum Device: Hashable, Sendable {
        case usable
        case missing
        case refused(Errno)
    }

    /// fusermount3, which mounts for who may not.
    struct Helper: Hashable, Sendable {
        var path: String
        /// Whether it gets the rights of root: set-user-ID, or by its own capabilities.
        var isPrivileged: Bool
    }

    var device = Device.usable
    var helper: Helper?
    var isRoot: Bool
    /// Whether no program that is started here can get more rights than this one.
    var forbidsNewPrivileges = false
    /// nil: /etc/fuse.conf cannot be read.
    var userAllowOther: Bool?
    /// Mounts that are to be, or are, open to other users.
    var sharedMounts: [String] = []
    /// The kernel ends a whole mount when one of its requests takes so many seconds; nil: it does not.
    var requestSecondsMax: Int?
    /// A fetch may take so long without progress.
    var fetchDeadline = Duration.seconds(10)

    var findings: [Finding] {
        [deviceFinding, helperFinding] + [allowOtherFinding, requestFinding].compactMap(\.self)
    }

    private var deviceFinding: Finding {
        switch device {
        case .usable: .ok(.fuse, "/dev/fuse can be used")
        case .missing: .problem(.fuse, "there is no /dev/fuse, so nothing can be mounted", mend: "sudo modprobe fuse")
        case .refused(.permissionDenied):
            .problem(.fuse, "/dev/fuse cannot be opened by this user", mend: "sudo chmod 666 /dev/fuse")
        case .refused(.notPermitted):
            .problem(
                .fuse,
                "/dev/fuse is closed to this container: start it with the device",
                mend: "docker run --device /dev/fuse --cap-add SYS_ADMIN IMAGE"
            )
        case .refused(let error):
            .problem(.fuse, "/dev/fuse cannot be opened: \(error)", mend: "sudo modprobe fuse")
        }
    }

    private var helperFinding: Finding {
        guard let helper else {
            let (words, mend) = ("fusermount3 is not installed", "sudo apt-get install fuse3")
            return isRoot
                ? .warning(.fuse, "\(words): only root can mount without it", mend: mend)
                : .problem(.fuse, "\(words), so this user cannot mount", mend: mend)
        }
        if isRoot { return .ok(.fuse, "\(helper.path) is there, and root can mount without it") }
        guard helper.isPrivileged else {
            let mend = "sudo chmod u+s \(helper.path)"
            return .problem(.fuse, "\(helper.path) does not have the right to mount", mend: mend)
        }
        guard !forbidsNewPrivileges else {
            return .problem(
                .fuse,
                "\(helper.path) cannot get its rights here: this was started with \"no new privileges\"",
                mend: "systemctl --user edit iom   # NoNewPrivileges=no"
            )
        }
        return .ok(.fuse, "\(helper.path) is there and may mount")
    }

    private var allowOtherFinding: Finding? {
        guard let mount = sharedMounts.first, !isRoot else { return nil }
        switch userAllowOther {
        case true: return .ok(.fuse, "other users may be let into \(mount): /etc/fuse.conf has `user_allow_other`")
        case nil:
            return .unknown(.fuse, "/etc/fuse.conf cannot be read, so whether \(mount) may have `allow_other` is open")
        default:
            return .problem(
                .fuse,
                "\(mount) is to have `allow_other`, which /etc/fuse.conf allows to root only",
                mend: "echo user_allow_other | sudo tee -a /etc/fuse.conf"
            )
        }
    }

    private var requestFinding: Finding? {
        guard let requestSecondsMax, .seconds(requestSecondsMax) <= fetchDeadline * 2 else { return nil }
        return .problem(
            .fuse,
            "the kernel ends a whole mount when one request takes \(requestSecondsMax) s, and a fetch may take longer",
            mend: "sudo sysctl fs.fuse.default_request_timeout=0 fs.fuse.max_request_timeout=0"
        )
    }
}

extension FuseFacts {
    /// How it is on this machine.
    static func gathered(root: FilePath, fetchDeadline: Duration) -> Self {
        let status = (try? MachineFile.text(at: "/proc/self/status").get()) ?? ""
        return Self(
            device: lookedAtDevice(),
            helper: lookedForHelper(),
            isRoot: geteuid() == 0,
            forbidsNewPrivileges: status.contains("\nNoNewPrivs:\t1"),
            userAllowOther: readAllowOther(),
            sharedMounts: MountPoint.shared().map(\.string) + wanted(for: root),
            requestSecondsMax: readRequestSecondsMax(),
            fetchDeadline: fetchDeadline
        )
    }

    private static func lookedAtDevice() -> Device {
        do {
            try FileDescriptor.open("/dev/fuse", .readWrite, options: [.closeOnExec]).close()
            return .usable
        } catch {
            let error = error as? Errno ?? .ioError
            return error == .noSuchFileOrDirectory ? .missing : .refused(error)
        }
    }

    private static func lookedForHelper() -> Helper? {
        for path in ["/usr/bin/fusermount3", "/bin/fusermount3"] where access(path, X_OK) == 0 {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            let isSetUser = status.st_mode & S_ISUID != 0 && status.st_uid == 0
            return Helper(path: path, isPrivileged: isSetUser || getxattr(path, "security.capability", nil, 0) > 0)
        }
        return nil
    }

    private static func readAllowOther() -> Bool? {
        switch MachineFile.fields(at: "/etc/fuse.conf") {
        case .success(let lines): lines.contains(["user_allow_other"])
        case .failure(.noSuchFileOrDirectory): false
        case .failure: nil
        }
    }

    /// Mounts of this root that /etc/fstab opens to others.
    private static func wanted(for root: FilePath) -> [String] {
        ((try? MachineFile.fields(at: "/etc/fstab").get()) ?? []).filter { fields in
            fields.count > 3 && fields[2] == "fuse.iom" && fields[0] == root.string
                && fields[3].split(separator: ",").contains("allow_other")
        }.map { String($0[1]) }
    }

    private static func readRequestSecondsMax() -> Int? {
        let files: [FilePath] = ["/proc/sys/fs/fuse/default_request_timeout", "/proc/sys/fs/fuse/max_request_timeout"]
        return files.compactMap { file in
            (try? MachineFile.fields(at: file).get())?.first?.first.flatMap { Int($0) }
        }.filter { $0 > 0 }.min()
    }
}
