import ArgumentParser
import Node

struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List a folder as the mount shows it, without mounting.",
        discussion: "Example:  iom ls conversations"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(name: .shortAndLong, help: "Sizes, times, and whether the bytes are here.") var long = false
    @Argument(help: "Path in the tree.") var path = ""

    func run() async throws {
        try await options.perform(ListEntries(path: Arguments.names([path.isEmpty ? "." : path])[0])) {
            [json = output.json, long] item in
            if json { return try Terminal.json(item) }
            let name = Terminal.shown(item.name) + (item.kind == .directory ? "/" : "")
            guard long else { return try Terminal.line(name) }
            let place = item.kind == .directory ? "     " : item.isLocal ? "local" : "away "
            let size = String(repeating: " ", count: max(0, 12 - "\(item.byteCount)".count)) + "\(item.byteCount)"
            try Terminal.line("\(place) \(size) \(item.modified) \(name)")
        }
    }
}
