import ArgumentParser
import Glibc
import Node
import Objects

struct Top: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "How the node is, live in the terminal; q ends it.",
        discussion: """
            Example:  iom top
            With --json, or where standard output is no terminal, one snapshot a line.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Option(help: "How often it is looked at, such as 500ms or 5s.") var every = "1s"
    @Option(help: "End after so many looks.") var count: Int?

    func validate() throws {
        guard let pause = Duration(words: every), pause >= .milliseconds(100) else {
            throw ValidationError("`\(every)` is no time of at least 100ms.")
        }
        if let count, count < 1 { throw ValidationError("--count is at least 1.") }
    }

    func run() async throws {
        let pause = Duration(words: every) ?? .seconds(1)
        let isLive = !output.json && isatty(STDOUT_FILENO) == 1
        let screen = isLive ? Screen() : nil
        defer { screen?.leave() }
        var before: Snapshot?
        var number = 0
        while number < count ?? .max {
            guard let snapshot = try await look() else {
                throw CommandError("no node is running in \(options.path): `iom serve` starts one")
            }
            if let screen {
                try screen.show(TopPage(snapshot, before: before, isPlain: Screen.isPlain))
            } else if output.json {
                try Terminal.json(snapshot)
            } else {
                for line in TopPage(snapshot, before: before, isPlain: true).lines { try Terminal.line(line) }
            }
            (before, number) = (snapshot, number + 1)
            guard number < count ?? .max else { return }
            if let screen {
                guard try await screen.pause(for: pause) else { return }
            } else {
                try await Task.sleep(for: pause)
            }
        }
    }

    /// nil: no node is running.
    private func look() async throws -> Snapshot? {
        let latest = Latest()
        let execution = Execution(root: options.path, secret: options.secretPath)
        guard try await execution.performInRunningNode(ReportStatus(), emit: { await latest.set($0) }) else {
            return nil
        }
        return await latest.snapshot
    }
}

/// The snapshot that came last.
private actor Latest {
    private(set) var snapshot: Snapshot?

    func set(_ snapshot: Snapshot) { self.snapshot = snapshot }
}
