import ArgumentParser
import Glibc
import Node

struct Invite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a link with which one new device of yours can join; while `iom serve` runs.",
        discussion: """
            Example:  iom invite --minutes 10
            On the new device:  iom join 'LINK'. Both show the same four words.
            In a terminal it stays until the device has joined; Ctrl-C leaves the link good.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Option(help: "How long the link can be used.") var minutes = 60
    @Flag(inversion: .prefixedNo, help: "Stay until the device has joined, and show its words.") var wait: Bool?

    func run() async throws {
        try await options.perform(MakeInvitation(minutes: minutes, waits: wait ?? (isatty(STDOUT_FILENO) == 1))) {
            [json = output.json] item in
            if json { return try Terminal.json(item) }
            switch item {
            case .link(let link): try Terminal.line(link)
            case .joined(let name, let words):
                Terminal.note("\(Terminal.shown(name)) joined: \(words.joined(separator: " "))")
            }
        }
    }
}
