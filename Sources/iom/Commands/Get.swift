import ArgumentParser
import Node

struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the exact bytes of a path or hash, fetching them if they are not here.",
        discussion: "Example:  iom get 'conversations/Book club/latest.md'",
        aliases: ["cat"]
    )

    @OptionGroup var options: RootOptions
    @Argument(help: "Paths as in the mount, or hashes.") var names: [String]

    func run() async throws {
        for name in Arguments.names(names) {
            let command = ReadBytes(target: name, mayFetch: !LocalOnlyProgram.isMarked)
            try await options.perform(command) { item in try Terminal.write(item.bytes) }
        }
    }
}
