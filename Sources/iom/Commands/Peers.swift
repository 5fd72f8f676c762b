import ArgumentParser
import Node

struct Peers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the owner's devices and whether they are connected.",
        discussion: "Example:  iom peers"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(PeerList()) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            let words = item.words.isEmpty ? "" : "  [\(item.words.joined(separator: " "))]"
            try Terminal.line("\(Terminal.shown(item.name))  \(item.role)  \(item.status)\(words)")
        }
    }
}
