import ArgumentParser
import Node

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for what keeps things from working, with the command that mends it.",
        discussion: "Example:  iom doctor"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        let findings = Examination(root: options.path, secret: options.secretPath).findings()
        for finding in findings {
            if output.json {
                try Terminal.json(finding)
            } else {
                let mend = finding.mend.map { " - mend it with: \($0)" } ?? ""
                try Terminal.line("\(finding.isGood ? "ok  " : "BAD ") \(Terminal.shown(finding.words))\(mend)")
            }
        }
        if findings.contains(where: { !$0.isGood }) { throw ExitCode(1) }
    }
}
