import ArgumentParser
import Node

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare what is here with what iom.toml asks for.",
        discussion: "Example:  iom check --json"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(CheckPolicy()) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            for line in item.lines { try Terminal.line(Terminal.shown(line)) }
        }
    }
}
