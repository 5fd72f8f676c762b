import ArgumentParser
import Node

struct Conversations: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the conversations.",
        discussion: "Example:  iom conversations --json"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(ListConversations()) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            let people = item.participants.map { Terminal.shown($0.name) }.joined(separator: ", ")
            try Terminal.line(
                "\(Terminal.shown(item.title))  (\(item.messages) messages, \(item.attachments) attachments; \(people))"
            )
        }
    }
}
