import ArgumentParser
import Node

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What this instance is, holds and is connected to.",
        discussion: "Example:  iom status --json"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(ReportStatus()) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            for line in item.lines { try Terminal.line(Terminal.shown(line)) }
        }
    }
}
