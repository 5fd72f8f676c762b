import ArgumentParser
import Node
import Storage

struct Config: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What this instance was told to do.",
        discussion: "Example:  iom config show --effective",
        subcommands: [Show.self],
        defaultSubcommand: Show.self
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Each value of iom.toml with its line; with --effective also what role and defaults add.",
            discussion: "Example:  iom config show --effective --json"
        )

        @OptionGroup var options: RootOptions
        @OptionGroup var output: JSONOption

        @Flag(help: "All values that count: from iom.toml, the preset of the role, or by default.")
        var effective = false

        func run() async throws {
            let settings = try Configuration.settings(in: Root.open(at: options.path), effective: effective)
            if output.json { return try settings.forEach { try Terminal.json($0) } }
            let width = settings.map(\.key.count).max() ?? 0
            for setting in settings {
                let key = setting.key + String(repeating: " ", count: width - setting.key.count)
                try Terminal.line(Terminal.shown("\(key) = \(setting.value)   # \(setting.origin)"))
            }
        }
    }
}
