import ArgumentParser
import Node

struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What is known and here, and what was read, fetched, sent and dropped since the node was started.",
        discussion: """
            Example:  iom stats --json
            --json is the document .iom/status/stats.json; `iom status --json` is all of .iom/status/snapshot.json.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(ReportStatus()) { [json = output.json] item in
            if json { return try Terminal.json(item.stats) }
            for line in item.statLines { try Terminal.line(Terminal.shown(line)) }
        }
    }
}
