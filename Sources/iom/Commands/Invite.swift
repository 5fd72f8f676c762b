import ArgumentParser
import Glibc
import Node

struct Invite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Print a link with which one new device of yours, or somebody else, can come in; while `iom serve` runs.",
        discussion: """
            Example:  iom invite --minutes 10
            On the new device:  iom join 'LINK'. Both show the same four words.

            For somebody else:  iom invite --contact
            Theirs to type:  iom contact accept 'LINK', or to open in another program that speaks ONE.

            For a device of yours on which another program speaks ONE:  iom invite --one

            In a terminal it stays until the link was used; Ctrl-C leaves the link good.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(help: "For somebody else, who becomes a contact.") var contact = false
    @Flag(help: "For a device of yours with a ONE instance and a person of its own: both persons are you then.")
    var one = false
    @Option(help: "How long the link can be used.") var minutes = 60
    @Flag(inversion: .prefixedNo, help: "Stay until the link was used, and tell by whom.") var wait: Bool?

    func validate() throws {
        guard !one || !contact else {
            throw ValidationError("--one is for a device of yours, --contact for somebody else")
        }
    }

    func run() async throws {
        let command = MakeInvitation(
            minutes: minutes,
            waits: wait ?? (isatty(STDOUT_FILENO) == 1),
            guest: one ? .one : contact ? .contact : .device
        )
        try await options.perform(command) { [json = output.json, one] item in
            if json { return try Terminal.json(item) }
            switch item {
            case .link(let link): try Terminal.line(link)
            case .joined(let name, let words):
                Terminal.note("\(Terminal.shown(name)) joined: \(words.joined(separator: " "))")
            case .met(_, let email):
                Terminal.note("\(Terminal.shown(email)) is \(one ? "you, too, now" : "a contact now")")
            }
        }
    }
}
