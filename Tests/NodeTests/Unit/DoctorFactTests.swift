import Fuse
import Objects
import Storage
import SystemPackage
import Testing

@testable import Node

/// What the doctor makes of facts.
@Suite struct DoctorFactTests {
    private static let mending = Mending(root: "/home/mira/my root", process: 77)

    /// How bad it is, and that each problem has a way out.
    private func check(
        _ findings: [Finding],
        _ severities: [Finding.Severity],
        _ words: String...,
        at line: Int = #line
    ) {
        let location = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
        #expect(findings.map(\.severity) == severities, "\(findings)", sourceLocation: location)
        let text = findings.map { $0.words + " " + ($0.mend ?? "") }.joined(separator: "\n")
        for word in words { #expect(text.contains(word), "\(text)", sourceLocation: location) }
        for finding in findings where finding.severity == .problem {
            #expect(finding.mend != nil, "\(finding.words)", sourceLocation: location)
        }
        for finding in findings { #expect(!finding.words.contains("\n"), sourceLocation: location) }
    }

    @Test func `FUSE needs its device, and who is not root needs fusermount3 with its rights`() {
        var facts = FuseFacts(isRoot: true)
        check(facts.findings, [.ok, .warning], "apt-get install fuse3")
        facts.isRoot = false
        check(facts.findings, [.ok, .problem], "cannot mount")
        facts.helper = .init(path: "/usr/bin/fusermount3", isPrivileged: false)
        check(facts.findings, [.ok, .problem], "chmod u+s /usr/bin/fusermount3")
        facts.helper?.isPrivileged = true
        check(facts.findings, [.ok, .ok])
        facts.forbidsNewPrivileges = true
        check(facts.findings, [.ok, .problem], "no new privileges")
        facts = FuseFacts(helper: facts.helper, isRoot: true)
        check(facts.findings, [.ok, .ok])
        let devices: [(FuseFacts.Device, String)] = [
            (.missing, "modprobe fuse"), (.refused(.permissionDenied), "chmod 666 /dev/fuse"),
            (.refused(.notPermitted), "--device /dev/fuse"), (.refused(.noSuchAddressOrDevice), "modprobe fuse"),
        ]
        for (device, mend) in devices {
            facts.device = device
            check(facts.findings, [.problem, .ok], mend)
        }
    }

    @Test func `Only who wants to let others in, and is not root, needs user_allow_other`() {
        var facts = FuseFacts(helper: .init(path: "/usr/bin/fusermount3", isPrivileged: true), isRoot: false)
        facts.userAllowOther = false
        check(facts.findings, [.ok, .ok])
        facts.sharedMounts = ["/home/mira/iom"]
        check(
            facts.findings,
            [.ok, .ok, .problem],
            "/home/mira/iom",
            "echo user_allow_other | sudo tee -a /etc/fuse.conf"
        )
        facts.userAllowOther = nil
        check(facts.findings, [.ok, .ok, .unknown])
        facts.userAllowOther = true
        check(facts.findings, [.ok, .ok, .ok])
        (facts.isRoot, facts.userAllowOther) = (true, false)
        check(facts.findings, [.ok, .ok])
    }

    @Test func `A kernel that ends mounts sooner than a fetch may take is a problem`() {
        var facts = FuseFacts(helper: .init(path: "/bin/fusermount3", isPrivileged: true), isRoot: true)
        facts.requestSecondsMax = 10
        check(facts.findings, [.ok, .ok, .problem], "default_request_timeout=0")
        facts.requestSecondsMax = 600
        check(facts.findings, [.ok, .ok])
    }

    @Test func `Mounts that nobody answers for are taken away by their path, whatever is in it`() {
        check(MountFacts().findings, [.ok])
        let states: [(MountState, Finding.Severity)] = [
            (.alive, .ok), (.dead, .problem), (.silent, .problem), (.unknown, .unknown),
        ]
        for (state, severity) in states {
            let facts = MountFacts(mounts: [.init(path: "/home/mira/it's mine", state: state)])
            check(facts.findings, [severity], "/home/mira/it's mine")
            let mend = severity == .problem ? "fusermount3 -uz '/home/mira/it'\\''s mine'" : nil
            #expect(facts.findings[0].mend == mend)
        }
        check(
            MountFacts(mounts: [.init(path: "/iom", state: .dead)], isRoot: true).findings,
            [.problem],
            "umount -l /iom"
        )
    }

    @Test func `Versions that do not go together are told`() {
        var facts = VersionFacts(program: "2.0", kernel: "6.18.44-fc", library: "3.14.0", mending: Self.mending)
        check(facts.findings, [.ok], "iom 2.0", "6.18.44-fc", "3.14.0")
        facts.kernel = "6.1.0"
        check(facts.findings, [.ok], "no files through")
        facts.kernel = "4.19.0"
        check(facts.findings, [.warning])
        facts.kernel = "?"
        check(facts.findings, [.unknown])
        facts.kernel = "6.9"
        (facts.node, facts.protocolNumber) = ("1.0", 2)
        facts.peers = ["laptop": 1, "phone": nil, "tablet": 2, "watch": 3]
        check(
            facts.findings,
            [.ok, .warning, .warning, .unknown, .warning],
            "kill 77; iom serve",
            "newer iom on laptop",
            "newer iom on this device"
        )
    }

    @Test func `A program that is not there is a warning where it would be used`() {
        check(ProgramFacts(hasPreviews: false, dropsObjects: true).findings, [.warning], "libvips-tools")
        check(ProgramFacts(hasPreviews: false, dropsObjects: false).findings, [.ok])
        check(ProgramFacts(hasPreviews: true, dropsObjects: true).findings, [.ok])
    }

    @Test func `A root that is missing, loose, foreign or no directory is told with its way out`() {
        func root(_ failure: RootError?, _ place: RootFacts.Place? = nil) -> RootFacts {
            RootFacts(path: "/r", failure: failure, place: place, mending: Mending(root: "/r"))
        }
        check(root(nil).findings, [.ok, .ok])
        check(root(.missing("/r")).findings, [.problem], "iom init --root /r")
        #expect(!root(.missing("/r")).isThere && root(.occupied("/r")).isThere)
        let own = UInt32(0)
        let loose = RootFacts.Place(path: "/r", ownerID: .max, permissions: 0o777)
        check(
            root(.unsafe("/r", reason: "belongs to user 5"), loose).findings,
            [.problem],
            "sudo chown -R \(own)".dropLast().description
        )
        let file = RootFacts.Place(path: "/r/objects", ownerID: own, permissions: 0o644, isDirectory: false)
        check(
            root(.unsafe("/r/objects", reason: "is not a directory"), file).findings,
            [.problem],
            "mv /r/objects /r/objects.aside"
        )
        var facts = root(nil)
        facts.configuration = "iom.toml, line 3: there is no key `nme`"
        check(facts.findings, [.ok, .problem], "line 3", "${EDITOR:-vi} /r/iom.toml")
    }

    @Test func `A disk tells when room or files run out, and when it is read-only`() {
        var facts = DiskFacts(freeByteCount: 1 << 40, freeFileCount: nil, mending: Self.mending)
        check(facts.findings, [.ok, .ok])
        facts.freeByteCount = 100_000_000
        check(facts.findings, [.warning, .ok], "du -xh")
        facts.dropsObjects = true
        check(facts.findings, [.warning, .ok], "iom evict --root '/home/mira/my root'")
        (facts.freeByteCount, facts.freeFileCount) = (1_000, 5_000)
        check(facts.findings, [.problem, .warning], "df -i")
        facts.freeFileCount = 3
        check(facts.findings, [.problem, .problem])
        facts.isReadOnly = true
        check(facts.findings, [.problem], "remount,rw")
    }

    @Test func `A limit of open files is raised where it is too low: for the node that runs, or the shell`() {
        check(LimitFacts(openFiles: 20_000, openFilesMax: 20_000).findings, [.ok])
        check(LimitFacts(openFiles: 1_024, openFilesMax: 1 << 20).findings, [.warning], "ulimit -n 4096")
        check(LimitFacts(openFiles: 64, openFilesMax: 64).findings, [.problem], "sudo prlimit --pid $$")
        check(
            LimitFacts(openFiles: 64, openFilesMax: 1 << 20, process: 77).findings,
            [.problem],
            "prlimit --pid 77 --nofile=4096:1048576"
        )
    }

    @Test func `Keys have to be unsealed by the secret, and by nobody else`() {
        var facts = KeyFacts(root: "/r", secret: "/s/secret", seal: .opens)
        check(facts.findings, [.ok, .ok, .ok])
        facts.loose = ["/r/private", "/r/private/keychain_salt"]
        check(facts.findings, [.ok, .problem, .ok], "chmod go= /r/private /r/private/keychain_salt")
        facts.foreign = ["/r/private/a b"]
        check(facts.findings, [.ok, .problem, .ok], "'/r/private/a b'")
        facts = KeyFacts(root: "/r", secret: "/s/secret", secretFailure: .missing("/s/secret"))
        check(facts.findings, [.problem, .ok], "install -D -m 600")
        facts.secretFailure = .unsafe("/s/secret")
        check(facts.findings, [.problem, .ok], "chmod 600 /s/secret")
        facts.ownsSecret = false
        check(facts.findings, [.problem, .ok], "sudo chown")
        facts.secretFailure = .malformed("/s/secret")
        check(facts.findings, [.problem, .ok])
        facts.secretFailure = .system(.ioError, "/s/secret")
        check(facts.findings, [.problem, .ok])
        facts.secretFailure = nil
        for (seal, severity) in [(.none, .problem), (.wrongSecret, .problem), (.damaged("keychain_salt"), .problem)]
            as [(KeyFacts.Seal, Finding.Severity)]
        {
            facts.seal = seal
            check(facts.findings, [.ok, .ok, severity])
        }
        facts.seal = .untried
        check(facts.findings, [.ok, .ok, .unknown])
    }
}
