import ArgumentParser
import Node

struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put files and folders under files/.",
        discussion: "Example:  iom add ~/Documents/letters --to archive/2026"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Files or folders.", completion: .file()) var paths: [String]
    @Option(name: .customLong("to"), help: "Folder under files/ they go to.") var folder = ""

    func run() async throws {
        let command = AddFiles(paths: try Arguments.paths(paths), folder: folder)
        try await options.perform(command) { [json = output.json] item in
            switch item {
            case .progress(let progress): if !json { Progress.show(progress) }
            case .added(let file):
                Progress.clear()
                if json { return try Terminal.json(file) }
                try Terminal.line("\(file.hash)  files/\(Terminal.shown(file.path))")
            }
        }
        Progress.clear()
    }
}
