import ArgumentParser
import Node

struct Share: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a contact take part in a conversation.",
        discussion: """
            Example:  iom share 'Book club' ada@example.org
            With a contact alone:  iom share ada@example.org    The conversation of the two of you, made if it is not there.

            The contact gets what was written and what will be. What the contact writes comes if it was shared there, too.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Title or id of the conversation, or how it begins; then the contact. Or the contact alone.")
    var names: [String]

    func validate() throws {
        guard (1...2).contains(names.count) else {
            throw ValidationError("give a conversation and a contact, or a contact alone")
        }
    }

    func run() async throws {
        let command = ShareConversation(
            conversation: names.count == 2 ? names[0] : nil,
            contact: names[names.count - 1]
        )
        try await options.perform(command) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            try Terminal.line("\(Terminal.shown(item.conversation)): shared with \(Terminal.shown(item.contact))")
        }
    }
}

struct Unshare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take a conversation back from a contact.",
        discussion: """
            Example:  iom unshare 'Book club' ada@example.org
            What the contact has already stays there; nothing new goes.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Title or id of the conversation, or how it begins.") var conversation: String
    @Argument(help: "Name, email or id of the contact.") var contact: String

    func run() async throws {
        try await options.perform(UnshareConversation(conversation: conversation, contact: contact)) {
            [json = output.json] item in
            if json { return try Terminal.json(item) }
            try Terminal.line(
                "\(Terminal.shown(item.conversation)): no longer shared with \(Terminal.shown(item.contact))"
            )
        }
    }
}
