import Glibc
import Storage
import SystemPackage

/// Whether the keys can be unsealed, and by nobody else.
struct KeyFacts: Sendable {
    enum Seal: Hashable, Sendable {
        case opens
        case none
        case wrongSecret
        case damaged(String)
        /// Without the secret, or without reading the files, it cannot be tried.
        case untried
    }

    var root: FilePath
    var secret: FilePath
    /// Why the secret cannot be used; nil: it can.
    var secretFailure: SecretFile.Failure?
    var ownsSecret = true
    /// What is in `private/`, and it itself, that others may read or write.
    var loose: [FilePath] = []
    /// What there does not belong to this user.
    var foreign: [FilePath] = []
    var seal = Seal.untried

    var findings: [Finding] { [secretFinding, modes, sealFinding].compactMap(\.self) }

    private var restoring: String { "install -D -m 600 YOUR-COPY-OF-THE-SECRET \(ShellWord.quoted(secret))" }

    private var secretFinding: Finding {
        guard let secretFailure else { return .ok(.keys, "the secret in \(secret) can be read by nobody else") }
        let words = "\(secretFailure)"
        switch secretFailure {
        case .missing: return .problem(.keys, "\(words), so the keys stay sealed", mend: restoring)
        case .unsafe(let path):
            let file = ShellWord.quoted(path)
            let mend = ownsSecret ? "chmod 600 \(file)" : "sudo chown \(geteuid()) \(file) && chmod 600 \(file)"
            return .problem(.keys, words, mend: mend)
        case .malformed: return .problem(.keys, words, mend: restoring)
        case .system(_, let path): return .problem(.keys, words, mend: "ls -ld \(ShellWord.quoted(path))")
        }
    }

    private var modes: Finding? {
        func list(_ paths: [FilePath]) -> String { paths.map { ShellWord.quoted($0) }.joined(separator: " ") }
        if let first = foreign.first {
            let mend = "sudo chown \(geteuid()) \(list(foreign))"
            return .problem(.keys, "\(first) belongs to another user", mend: mend)
        }
        guard let first = loose.first else { return .ok(.keys, "private/ can be read by nobody else") }
        return .problem(.keys, "\(first) can be read or written by others", mend: "chmod go= \(list(loose))")
    }

    private var sealFinding: Finding? {
        switch seal {
        case .opens: return .ok(.keys, "the secret unseals the keys")
        case .none:
            let mend = "rsync -a YOUR-BACKUP/private/ \(ShellWord.quoted(root.appending("private")))/"
            return .problem(.keys, "\(root) has no keys: it can be read, and nothing can be sent or signed", mend: mend)
        case .wrongSecret:
            return .problem(.keys, "the secret in \(secret) does not open the keys in private/", mend: restoring)
        case .damaged(let name):
            let file = root.appending("private").appending(name)
            return .problem(
                .keys,
                "\(file) is damaged",
                mend: "install -m 600 YOUR-BACKUP/private/\(ShellWord.quoted(name)) \(ShellWord.quoted(file))"
            )
        case .untried:
            // Why is told by what else was found about the secret and the files.
            guard secretFailure == nil, loose.isEmpty, foreign.isEmpty else { return nil }
            return .unknown(.keys, "the keys in private/ cannot be read")
        }
    }
}

extension KeyFacts {
    /// The secret is used to try it, and goes nowhere else.
    static func gathered(root: FilePath, secret: FilePath) -> Self {
        var facts = Self(root: root, secret: secret)
        let found: String?
        let file = Secrets.file(at: secret)
        do throws(SecretFile.Failure) {
            found = try file.read()
        } catch {
            (found, facts.secretFailure) = (nil, error)
        }
        var status = stat()
        if lstat(file.path.string, &status) == 0 { facts.ownsSecret = status.st_uid == geteuid() }
        facts.lookAtModes()
        facts.seal = tried(root, found)
        return facts
    }

    private mutating func lookAtModes() {
        let directory = root.appending("private")
        let names = (try? Root(unchecked: root).disk().list(Root.Place.secretKeys).map(\.text).sorted()) ?? []
        for path in [directory] + names.map({ directory.appending($0) }) {
            var status = stat()
            guard lstat(path.string, &status) == 0 else { continue }
            if status.st_uid != geteuid() { foreign.append(path) }
            if status.st_mode & 0o077 != 0 { loose.append(path) }
        }
    }

    private static func tried(_ root: FilePath, _ secret: String?) -> Seal {
        guard let disk = try? Root(unchecked: root).disk() else { return .untried }
        do throws(KeychainError) {
            guard try Keychain.exists(on: disk) else { return .none }
            guard let secret else { return .untried }
            _ = try Keychain.unlock(on: disk, secret: secret)
            return .opens
        } catch {
            switch error {
            case .missing: return .none
            case .wrongSecret: return .wrongSecret
            case .damaged(let name): return .damaged(name)
            case .unsafe, .occupied, .system: return .untried
            }
        }
    }
}
