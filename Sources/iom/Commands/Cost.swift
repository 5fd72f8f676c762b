import ArgumentParser
import Node

struct Cost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What reading paths would fetch: how much, from whom, and how long it may take.",
        discussion:
            "Example:  iom cost 'conversations/Summer trip' && rsync -a ~/iom/conversations/Summer\\ trip /media/stick"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Paths as in the mount, or hashes; folders with everything below.", completion: .file())
    var names: [String]

    func run() async throws {
        try await options.perform(EstimateCost(names: Arguments.names(names))) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            for line in item.lines { try Terminal.line(Terminal.shown(line)) }
        }
    }
}
