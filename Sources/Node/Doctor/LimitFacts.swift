import Glibc

/// How many files can be open at once.
struct LimitFacts: Codable, Hashable, Sendable {
    var openFiles: Int
    /// What it can be raised to without being root.
    var openFilesMax: Int
    /// The node these are the limits of; nil: those of the shell, which it would get.
    var process: Int32?

    /// Each open file of a mount, each connection and the catalog take one.
    private static let enough = 4_096
    private static let least = 256

    var findings: [Finding] {
        let words = process.map { "the node (process \($0)) can have \(openFiles) files open at once" }
        let sentence = words ?? "a node started from here could have \(openFiles) files open at once"
        if openFiles >= Self.enough { return [.ok(.limits, sentence)] }
        return [
            openFiles < Self.least ? .problem(.limits, sentence, mend: mend) : .warning(.limits, sentence, mend: mend)
        ]
    }

    private var mend: String {
        let limits = "--nofile=\(Self.enough):\(max(Self.enough, openFilesMax))"
        let isAllowed = openFilesMax >= Self.enough
        guard let process else {
            return isAllowed ? "ulimit -n \(Self.enough)" : "sudo prlimit --pid $$ \(limits)"
        }
        return (isAllowed ? "" : "sudo ") + "prlimit --pid \(process) \(limits)"
    }

    /// Of this process.
    static func gathered(isNode: Bool) -> Self {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Self(
            openFiles: Int(clamping: limit.rlim_cur),
            openFilesMax: Int(clamping: limit.rlim_max),
            process: isNode ? getpid() : nil
        )
    }
}
