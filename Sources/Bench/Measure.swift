import ArgumentParser
import Glibc
import SystemPackage
import UnixSignals

/// Runs rows and prints what was found.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure",
        abstract: "Run rows (this is the default): all, or those named."
    )

    @Argument(help: "all, or: \(Row.allNames).") var rows: [String]
    @Flag(help: "One JSON object a line, for programs; else a table in Markdown.") var json = false
    @Option(help: "Programs of others that take part if they are installed: none, local (file systems) or all.")
    var peers = Peer.Choice.all
    @Option(help: "Rounds of each row.") var rounds: Int?
    @Option(help: "How much data: tiny, small or full.") var scale = Scale.Name.small
    @Option(help: "Folder in which to work, on the file system to compare with.", completion: .directory)
    var directory = "/tmp"

    @Option(
        help: "Folder that keeps what takes long to make, for the next run of the same scale.",
        completion: .directory
    )
    var keep: String?
    @Flag(help: "Make what the rows need in the folder of --keep, and measure nothing.") var prepare = false

    func validate() throws {
        _ = try chosen()
        guard keep != nil || !prepare else { throw ValidationError("--prepare needs --keep FOLDER") }
        guard (rounds ?? 1) > 0 else { throw ValidationError("--rounds is at least 1") }
    }

    func run() async throws {
        let scale = scale.scale
        let (place, kept) = (try Self.absolute(directory), try keep.map(Self.keptPath))
        let contest = Contest(
            rows: try chosen(),
            scale: scale,
            rounds: rounds ?? scale.rounds,
            peers: peers,
            kept: kept
        )
        guard !prepare else { return try await Self.stoppingOnSignals { try await contest.prepare(in: place) } }
        let machine = Machine(directory: place)
        try await Self.stoppingOnSignals {
            var report = Report(json: json, machine: machine, scale: self.scale)
            report.begin()
            var isComplete = true
            try await contest.run(in: place) { outcome in
                report.show(outcome)
                isComplete = isComplete && outcome.failures.isEmpty
            }
            report.end()
            if !isComplete { throw ExitCode(3) }
        }
    }

    /// Made if it is not there.
    private static func keptPath(_ directory: String) throws -> FilePath {
        try PlainTree.makeDirectories(FilePath(directory))
        return try absolute(directory)
    }

    /// realpath(3): a mount has to be named from the top.
    private static func absolute(_ directory: String) throws -> FilePath {
        guard let path = realpath(directory, nil) else {
            throw ValidationError("there is no folder \(directory): \(Errno(rawValue: errno))")
        }
        defer { free(path) }
        return FilePath(platformString: path)
    }

    private func chosen() throws -> [Row] {
        if rows == ["all"] { return Row.all }
        return try rows.map { name in
            guard let row = Row.all.first(where: { $0.name == name }) else {
                throw ValidationError("there is no row `\(name)`: all, or \(Row.allNames)")
            }
            return row
        }
    }

    /// SIGINT and SIGTERM cancel, so that what was made is cleaned up.
    private static func stoppingOnSignals(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { throw CancellationError() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
