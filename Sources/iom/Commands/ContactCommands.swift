import ArgumentParser
import Node

/// `iom contact …`: what is done with one contact.
struct ContactCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contact",
        abstract: "Make a contact of somebody who sent you a link.",
        discussion: "Example:  iom contact accept 'LINK'",
        subcommands: [Accept.self, Unite.self]
    )

    struct Unite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Be one with a contact who asked for it: another person of yours, with instances of their own.",
            discussion: "Example:  iom contact unite me@phone.example.org"
        )

        @OptionGroup var options: RootOptions
        @Argument(help: "The contact.") var contact: String

        func run() async throws {
            try await options.perform(UniteContact(contact: contact)) { item in
                try Terminal.line("\(Terminal.shown(item)) is you, too, now")
            }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Become a contact of whoever made this link; on a device with your key.",
            discussion: """
                Example:  iom contact accept 'LINK'
                The link is from `iom invite --contact`, or from another program that speaks ONE. Then there is a
                conversation of the two of you.
                """
        )

        @OptionGroup var options: RootOptions
        @OptionGroup var output: JSONOption
        @Argument(help: "The link, or - to read it from standard input.") var link: String

        func run() async throws {
            let link = self.link == "-" ? readLine() ?? "" : self.link
            try await options.perform(AcceptContact(link: link)) { [json = output.json] item in
                if json { return try Terminal.json(item) }
                try Terminal.line("\(Terminal.shown(item.email)) (\(Terminal.shown(item.instance))) is a contact now")
            }
        }
    }
}
