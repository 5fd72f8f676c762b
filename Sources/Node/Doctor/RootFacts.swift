import Glibc
import Storage
import SystemPackage

/// Whether there is an instance, and whether it says what it is.
struct RootFacts: Sendable {
    var path: FilePath
    /// Why it cannot be used; nil: it can.
    var failure: RootError?
    /// What is wrong about the place the failure is about.
    var place: Place?
    /// Why iom.toml cannot be used.
    var configuration: String?
    var mending: Mending

    /// Who owns something, and who may do what with it.
    struct Place: Hashable, Sendable {
        var path: FilePath
        var ownerID: UInt32
        var permissions: UInt32
        var isDirectory = true
    }

    /// Whether there is something else to look at.
    var isThere: Bool {
        if case .missing = failure { false } else { true }
    }

    var findings: [Finding] {
        guard let failure else {
            return [.ok(.root, "\(path) is an instance, and nobody else can write to it"), configurationFinding]
        }
        let words = CommandError(explaining: failure).message
        return [.problem(.root, words, mend: mend(failure))]
    }

    private var configurationFinding: Finding {
        guard let configuration else { return .ok(.configuration, "iom.toml is understood") }
        return .problem(.configuration, configuration, mend: mending.edit)
    }

    private func mend(_ failure: RootError) -> String? {
        switch failure {
        case .missing, .occupied: return mending.iom("init")
        case .inUse(_, let process): return process.map { "kill \($0)" }
        case .unsafe, .system:
            guard let place else { return nil }
            let file = ShellWord.quoted(place.path)
            if !place.isDirectory { return "mv \(file) \(ShellWord.quoted(place.path.string + ".aside"))" }
            if place.ownerID != geteuid() { return "sudo chown -R \(geteuid()) \(file)" }
            if place.path.lastComponent?.string == "private" { return "chmod 700 \(file)" }
            return "chmod u+rwx,go-w \(file)"
        }
    }
}

extension RootFacts {
    static func gathered(at path: FilePath, _ mending: Mending) -> (facts: Self, configuration: Configuration?) {
        var facts = Self(path: path, mending: mending)
        do throws(RootError) {
            let root = try Root.open(at: path)
            do {
                return (facts, try Configuration(in: root))
            } catch {
                facts.configuration = CommandError(explaining: error).message
            }
        } catch {
            facts.failure = error
            facts.place = offender(of: error, in: path)
        }
        return (facts, nil)
    }

    /// The first place that is not as it should be: the root, or one of its directories.
    private static func offender(of failure: RootError, in root: FilePath) -> Place? {
        if case .unsafe(let path, _) = failure { return place(path) }
        let inside = ["objects", "heads", "private", "quarantine", "incoming"].map { root.appending($0) }
        let places = ([root] + inside).compactMap(place)
        return places.first { !$0.isDirectory || $0.ownerID != geteuid() || $0.permissions & 0o700 != 0o700 }
    }

    private static func place(_ path: FilePath) -> Place? {
        var status = stat()
        guard lstat(path.string, &status) == 0 else { return nil }
        return Place(
            path: path,
            ownerID: status.st_uid,
            permissions: status.st_mode & 0o7777,
            isDirectory: status.st_mode & S_IFMT == S_IFDIR
        )
    }
}
