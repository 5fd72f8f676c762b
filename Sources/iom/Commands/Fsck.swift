import ArgumentParser
import Node
import Storage

struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hash every object again, check heads and references; exit code 0 clean, 1 repaired, 4 damage left.",
        discussion: "Example:  iom fsck --repair"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(help: "Take damaged objects out of the way, into quarantine/.") var repair = false
    @Flag(help: "Make the catalog again from the files, too.") var rebuild = false
    @Flag(help: "Trust files that are unchanged since they were last hashed.") var fast = false

    func run() async throws {
        let command = CheckFiles(repairs: repair, isFast: fast, rebuilds: rebuild)
        try await options.perform(command) { [json = output.json] item in
            switch item {
            case .progress(let done, let total): if !json { Progress.show("objects", done, of: total) }
            case .report(let report):
                try Terminal.report(report, report.lines, json: json)
                if report.exitCode != 0 { throw ExitCode(report.exitCode) }
            }
        }
    }
}
