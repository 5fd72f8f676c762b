import ArgumentParser
import Node

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Look for what keeps things from working, with the command that mends it; exit code 1: there is a problem.",
        discussion: """
            Example:  iom doctor
            Looks at FUSE, mounts, versions, the root, its keys, disk and limits, the port, the clocks of connected devices, and at some objects in the catalog and on the disk. It mends nothing itself.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        let findings = await Examination(root: options.path, secret: options.secretPath).findings()
        for finding in findings {
            if output.json { try Terminal.json(finding) } else { try tell(finding) }
        }
        if findings.contains(where: { $0.severity == .problem }) { throw ExitCode(1) }
    }

    private func tell(_ finding: Finding) throws {
        let severity = finding.severity.rawValue.padding(to: 9), subject = finding.subject.rawValue.padding(to: 14)
        try Terminal.line(severity + subject + Terminal.shown(finding.words))
        guard let mend = finding.mend else { return }
        try Terminal.line("".padding(to: 23) + "mend it with: \(Terminal.shown(mend))")
    }
}

extension String {
    fileprivate func padding(to count: Int) -> String {
        self + String(repeating: " ", count: max(0, count - self.count))
    }
}
