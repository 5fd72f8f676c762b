import ArgumentParser
import Node
import SystemPackage

struct Say: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a message into a conversation.",
        discussion: "Example:  iom say 'Book club' 'Seven is fine' --attach menu.pdf"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Title or id of the conversation, or how it begins.") var conversation: String
    @Argument(help: "What to say.") var text: String
    @Option(name: .customLong("attach"), parsing: .upToNextOption, help: "Files to go with it.", completion: .file())
    var attachments: [String] = []

    func run() async throws {
        let command = SayMessage(
            conversation: conversation,
            text: text,
            attachments: attachments.map { RootOptions.absolute($0).string }
        )
        try await options.perform(command) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            let state =
                item.isPending
                ? "waits: no instance with the owner's key can be reached; it is posted when one is" : "posted"
            try Terminal.line("\(Terminal.shown(item.conversation)): \(state)")
        }
    }
}
