import ArgumentParser
import Node
import SystemPackage

struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Store files as objects and print their hashes; `-` is standard input.",
        discussion: "Example:  iom put photo.jpg    When this returns 0 the bytes survive a power cut."
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Files, or - for standard input.", completion: .file()) var paths: [String]

    func run() async throws {
        var files: [[UInt8]] = []
        var spooled: StandardInput?
        for (path, bytes) in zip(paths, try Arguments.paths(paths)) {
            if path == "-" {
                let input = try StandardInput(besides: options.path)
                spooled = input
                files.append(Array(input.path.string.utf8))
            } else {
                files.append(bytes)
            }
        }
        defer { spooled?.remove() }
        let inputPath = spooled?.path.string
        try await options.perform(PutFiles(paths: files)) { [json = output.json] item in
            switch item {
            case .progress(let progress): if !json { Progress.show(progress) }
            case .stored(var file):
                Progress.clear()
                if file.path == inputPath { file.path = "-" }
                if json { return try Terminal.json(file) }
                try Terminal.line("\(file.hash)  \(Terminal.shown(file.path))")
            }
        }
        Progress.clear()
    }
}
