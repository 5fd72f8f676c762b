import Glibc
import SystemPackage

/// The machine on which it was measured.
struct Machine: Encodable, Sendable {
    let cores: Int
    let processor: String
    let memoryByteCount: Int
    let kernel: String
    let fileSystem: String
    /// Instructions for SHA-256, which make it several times faster.
    let hasSHA: Bool
    let isRoot: Bool
    let load: String
    /// When it was measured, and which commit, if it was built in its checkout and that can be told.
    let date: String
    let commit: String

    init(directory: FilePath) {
        cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        memoryByteCount = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        let model = Self.lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }
        processor = model?.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init) ?? "unknown"
        kernel = Self.lines(of: "/proc/sys/kernel/osrelease").first ?? "unknown"
        fileSystem = Self.fileSystem(of: directory)
        let flags = Self.lines(of: "/proc/cpuinfo").first { $0.hasPrefix("flags") }
        hasSHA = flags?.split(separator: " ").contains("sha_ni") ?? false
        isRoot = Self.isRoot
        load = Self.loadAverage
        date = Self.line(of: Program("date", "-u", "+%F %H:%M"))
        let program = FilePath(CommandLine.arguments.first ?? "").removingLastComponent().string
        commit = Self.line(of: Program("git", "-C", program, "describe", "--always", "--dirty"))
    }

    var words: String {
        "\(date) UTC, commit \(commit): \(cores) cores (\(processor), \(hasSHA ? "with" : "without") SHA instructions), "
            + "\(memoryByteCount >> 30) GiB, Linux \(kernel), \(fileSystem)" + (isRoot ? ", as root" : "")
    }

    static var isRoot: Bool { geteuid() == 0 }

    /// Runnable processes on average over the last minute.
    static var loadAverage: String {
        lines(of: "/proc/loadavg").first?.split(separator: " ").first.map(String.init) ?? "unknown"
    }

    private static func line(of program: Program) -> String {
        (try? program.output()).map { $0.filter { !$0.isNewline } } ?? "unknown"
    }

    /// The type of the mount that has the longest path above the directory (proc_pid_mounts(5)).
    private static func fileSystem(of directory: FilePath) -> String {
        let mounts = lines(of: "/proc/self/mounts").compactMap { line -> (point: FilePath, type: String)? in
            let fields = line.split(separator: " ")
            return fields.count > 2 ? (FilePath(String(fields[1])), String(fields[2])) : nil
        }
        let above = mounts.filter { directory.starts(with: $0.point) }
        return above.max { $0.point.length < $1.point.length }?.type ?? "unknown"
    }

    /// The lines of a file of proc(5); none if it cannot be read.
    static func lines(of path: FilePath) -> [String] {
        // Such files tell no size.
        var bytes: [UInt8] = []
        do { try PlainFile.forEachPiece(of: path) { bytes += $0 } } catch { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
