import CLinux
import Glibc
import SystemPackage
import Views

/// Running programs, as proc(5) tells of them.
package enum Processes {
    /// In the environment of what must not fetch, and of all it starts.
    package static let localOnlyMark = "IOM_LOCAL_ONLY=1"

    /// More of a file is not read.
    private static let fileByteCountMax = 1 << 18
    /// No process has more above it.
    private static let depthMax = 4_096
    /// A process on the way up may end while it is looked at.
    private static let attemptsMax = 3
    /// Programs that are known by what they run.
    private static let interpreters: Set<String> = [
        "bash", "dash", "ksh", "lua", "node", "perl", "php", "python", "ruby", "sh", "zsh",
    ]

    /// The program a thread belongs to: of the process, because programs name their threads as they like.
    static func program(ofThread threadID: Int32) -> CallingProgram? {
        guard threadID > 0, let status = text("/proc/\(threadID)/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Tgid:") }),
            let processID = Int32(line.dropFirst("Tgid:".count).drop(while: { $0 == "\t" || $0 == " " })),
            let comm = text("/proc/\(processID)/comm")
        else { return nil }
        var names = [String(comm.prefix { $0 != "\n" })]
        if let file = executable(of: processID) { names.append(file) }
        let arguments = bytes("/proc/\(processID)/cmdline").split(separator: 0).map {
            String(decoding: $0, as: UTF8.self)
        }
        if let first = arguments.first { names.append(base(of: first)) }
        let script = script(run: names.last ?? "", arguments.dropFirst()).map(base)
        if let script { names.append(script) }
        return CallingProgram(
            processID: processID,
            name: script ?? names[0],
            names: names,
            hasTerminal: (fields(of: processID)?.terminal ?? 0) != 0,
            isMarkedLocalOnly: isMarked(processID)
        )
    }

    /// Whether a process is one of these or was started by one of them, however long ago.
    ///
    /// Who cannot be followed to the top, because everybody on the way ends, counts as one.
    package static func isProcess(_ processID: Int32, below ancestors: Set<Int32>) -> Bool {
        guard !ancestors.isEmpty else { return false }
        attempts: for _ in 0..<attemptsMax {
            var current = processID
            for _ in 0..<depthMax {
                if ancestors.contains(current) { return true }
                guard current > 1 else { return false }
                guard let parent = fields(of: current)?.parent else { continue attempts }
                current = parent
            }
        }
        return true
    }

    /// Orphans below this process become its children, not those of the first process (prctl(2)).
    package static func adoptOrphans() { become_subreaper() }

    /// What `stat` of a process says after its name (proc_pid_stat(5)).
    private static func fields(of processID: Int32) -> (parent: Int32, terminal: Int32)? {
        guard let stat = text("/proc/\(processID)/stat"), let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 4, let parent = Int32(fields[1]), let terminal = Int32(fields[4]) else { return nil }
        return (parent, terminal)
    }

    /// Readable for the same user and for root; of others the way up tells.
    private static func isMarked(_ processID: Int32) -> Bool {
        let mark = localOnlyMark.utf8
        return bytes("/proc/\(processID)/environ").split(separator: 0).contains { $0.elementsEqual(mark) }
    }

    /// The name of the file a process runs.
    private static func executable(of processID: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(processID)/exe", &buffer, buffer.count)
        guard count > 0 else { return nil }
        return base(of: String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    /// What an interpreter runs, by its arguments; nil if it is none, or runs what it was told as text.
    private static func script(run program: String, _ arguments: some Sequence<String>) -> String? {
        let kind = program.prefix { !$0.isNumber && $0 != "." && $0 != "-" }
        guard interpreters.contains(String(kind)) else { return nil }
        var isModule = false
        for argument in arguments {
            if isModule || !argument.hasPrefix("-") { return argument }
            if argument == "-c" || argument == "-e" { return nil }
            isModule = argument == "-m"
        }
        return nil
    }

    private static func base(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

    private static func text(_ path: String) -> String? {
        let bytes = bytes(path)
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }

    /// None if it cannot be read.
    private static func bytes(_ path: String) -> [UInt8] {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec]) else { return [] }
        defer { try? file.close() }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < fileByteCountMax,
            let count = buffer.withUnsafeMutableBytes({ try? file.read(into: $0) }), count > 0
        {
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}
