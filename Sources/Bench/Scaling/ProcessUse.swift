import Glibc
import SystemPackage

/// What a process has used until now (proc_pid_status(5), proc_pid_stat(5)).
struct ProcessUse: Sendable {
    /// Memory it occupies now.
    var residentByteCount = 0
    /// How often each of its threads waited for something and was woken.
    private var wakeUpCounts: [String: Int] = [:]
    var processorTime = Duration.zero

    init(of process: pid_t) throws {
        let folder = FilePath("/proc/\(process)")
        residentByteCount = try Self.number("VmRSS:", in: folder.appending("status")) * 1_024
        for thread in try PlainTree.names(in: folder.appending("task")) {
            let status = folder.appending("task").appending(thread).appending("status")
            // A thread may end meanwhile.
            wakeUpCounts[thread] = try? Self.number("voluntary_ctxt_switches:", in: status)
        }
        // The name, in parentheses, may have spaces; the 14th and 15th fields are the user's and the kernel's ticks.
        let fields = try Self.text(folder.appending("stat")).split(separator: ")").last?.split(separator: " ") ?? []
        let ticks = fields.dropFirst(11).prefix(2).reduce(0) { $0 + (Int($1) ?? 0) }
        processorTime = .seconds(Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Wake-ups since then, as far as the threads are still there.
    func wakeUps(since before: Self) -> Int {
        wakeUpCounts.reduce(0) { $0 + $1.value - before.wakeUpCounts[$1.key, default: 0] }
    }

    private static func number(_ name: String, in file: FilePath) throws -> Int {
        let line = try text(file).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private static func text(_ path: FilePath) throws -> String {
        // Files of proc(5) tell no size.
        var bytes: [UInt8] = []
        try PlainFile.forEachPiece(of: path) { bytes += $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
