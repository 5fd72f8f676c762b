import ArgumentParser
import Node

struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Whether paths are on this device and why: since when, who fetched them, what keeps them, who has them.",
        discussion: "Example:  iom why 'files/letters/2026.pdf'"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Paths as in the mount, or hashes.", completion: .file()) var names: [String]

    func run() async throws {
        try await options.perform(ExplainPaths(names: Arguments.names(names))) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            for line in item.lines { try Terminal.line(Terminal.shown(line)) }
        }
    }
}
