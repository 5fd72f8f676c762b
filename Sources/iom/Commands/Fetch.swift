import ArgumentParser
import Node

struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the bytes of paths or hashes to this device.",
        discussion: "Example:  iom fetch 'conversations/Summer trip'"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Paths as in the mount, or hashes; folders with everything below.") var names: [String]

    func validate() throws {
        if LocalOnlyProgram.isMarked {
            throw ValidationError("`iom run --local-only` started this: nothing is fetched.")
        }
    }

    func run() async throws {
        try await options.perform(FetchPaths(names: names)) { [json = output.json] item in
            guard item.isLast else { return Progress.show("files fetched", item.files, of: nil) }
            Progress.clear()
            if json { return try Terminal.json(item) }
            try Terminal.line("\(item.files) fetched, \(item.byteCount) bytes; \(item.alreadyHere) were here")
        }
    }
}
