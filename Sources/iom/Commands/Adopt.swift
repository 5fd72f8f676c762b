import ArgumentParser
import Node
import Storage

struct Adopt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring in what a ONE.CORE instance has: every object verified, its heads, and its keys.",
        discussion: """
            Example:  iom adopt ~/OneDB --secret-file one-secret
            The directory is not changed. With the secret the owner stays the owner; without it only the data comes.
            Interrupted, it can be run again and goes on.
            """
    )

    @Argument(help: "The base directory of ONE.CORE.", completion: .directory) var base: String
    @Option(help: "Folder of the instance (default: $IOM_ROOT, then $XDG_DATA_HOME/iom).", completion: .directory)
    var root: String?
    @Option(help: "File with the secret of the ONE.CORE instance.", completion: .file()) var secretFile: String?
    @Option(help: "Which instance, where the directory has several: its ID hash or how it begins.") var instance:
        String?
    @Flag(help: "Hard links instead of copies: the two then share their files.") var link = false
    @OptionGroup var output: JSONOption

    func run() async throws {
        let adopting = Adopting(
            base: RootOptions.absolute(base),
            root: RootOptions.rootPath(root),
            instance: instance,
            secret: try secretFile.map { try Secrets.readOnce(at: RootOptions.absolute($0)) },
            newSecret: try Secrets.readOrMake(at: RootOptions.secretPath(nil)),
            usesLinks: link
        )
        let report = try await adopting.run(.system()) { done, total in Progress.show("objects", done, of: total) }
        Progress.clear()
        if output.json { return try Terminal.json(report) }
        for line in report.lines { try Terminal.line(Terminal.shown(line)) }
        if !report.damaged.isEmpty { throw ExitCode(3) }
    }
}
