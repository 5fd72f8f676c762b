import ArgumentParser
import Node
import Storage
import SystemPackage

/// Writing what is here for other programs.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write everything here in the form of another program.",
        discussion: "Example:  iom export one ~/OneDB --secret-file one-secret",
        subcommands: [ExportToOne.self]
    )
}

struct ExportToOne: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "one",
        abstract: "A base directory that ONE.CORE opens: objects, versions, reverse maps, and the keys.",
        discussion: """
            Example:  iom export one ~/OneDB --secret-file one-secret
            Whoever has the secret opens the keys. Interrupted, it can be run again and goes on.
            ONE.CORE and IoM must not go on writing as the same instance: stop this one before the other begins.
            """
    )

    @Argument(help: "The base directory of ONE.CORE.", completion: .directory) var base: String
    @Option(
        name: .customLong("secret-file"),
        help: "File with the secret that is to open the keys there.",
        completion: .file()
    ) var newSecretFile: String
    @Option(help: "Folder of the instance (default: $IOM_ROOT, then $XDG_DATA_HOME/iom).", completion: .directory)
    var root: String?
    @OptionGroup var output: JSONOption

    func run() async throws {
        let command = ExportOne(
            base: RootOptions.absolute(base),
            secret: try Secrets.readOnce(at: RootOptions.absolute(newSecretFile))
        )
        let execution = Execution(root: RootOptions.rootPath(root), secret: RootOptions.secretPath(nil))
        try await execution.perform(command) { [json = output.json] item in
            switch item {
            case .progress(let done, let total): if !json { Progress.show("objects", done, of: total) }
            case .report(let report):
                try Terminal.report(report, report.lines, json: json)
                if !report.isComplete { throw ExitCode(3) }
            }
        }
    }
}
