import ArgumentParser
import Node
import Objects

struct Contacts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the contacts.",
        discussion: "Example:  iom contacts --json"
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        try await options.perform(ListContacts()) { [json = output.json] item in
            if json { return try Terminal.json(item) }
            let emails = item.identities.compactMap(\.email) + item.emails
            let state = item.identities.contains(where: \.isPaired) ? "paired" : "not paired"
            let name = item.name ?? emails.first ?? item.id.hex
            let rest = emails.filter { $0 != name } + [state]
            try Terminal.line("\(Terminal.shown(name))  (\(Terminal.shown(rest.joined(separator: ", "))))")
        }
    }
}
