import ArgumentParser
import Node
import Objects

struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a conversation, oldest message first.",
        discussion: "Example:  iom log 'Book club' --json"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Argument(help: "Title or id of the conversation, or how it begins.") var conversation: String

    func run() async throws {
        try await options.perform(ReadLog(conversation: conversation)) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            let mark = item.isPending ? " (pending)" : item.verified ? "" : " (unverified)"
            let author = Terminal.shown(item.authorName ?? item.author?.hex ?? "unknown")
            try Terminal.line("\(item.utc)  \(author)\(mark): \(Terminal.shownLines(item.text))")
            for attachment in item.attachments {
                try Terminal.line(
                    "    [\(Terminal.shown(attachment.name ?? "")) \(attachment.size.map { "\($0) bytes" } ?? "")]"
                )
            }
        }
    }
}
