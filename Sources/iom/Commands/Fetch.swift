import ArgumentParser
import Node

struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the bytes of paths or hashes to this device.",
        discussion: """
            Example:  iom fetch 'conversations/Summer trip'
            It can be interrupted (Ctrl-C): what has come stays, and the same command goes on from there.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Paths as in the mount, or hashes; folders with everything below.", completion: .file())
    var names: [String]

    func run() async throws {
        if LocalOnlyProgram.isMarked {
            throw CommandError("`iom run --local-only` started this: nothing is fetched")
        }
        try await options.perform(FetchPaths(names: Arguments.names(names))) { [json = output.json] item in
            guard item.isLast else { return Progress.show(item) }
            Progress.clear()
            if json { return try Terminal.json(item) }
            try Terminal.line(
                "\(item.files) file(s) fetched, \(ByteCount(item.byteCount)); \(item.alreadyHere) were here"
            )
        }
    }
}
