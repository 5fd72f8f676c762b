import ArgumentParser
import Node

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make an instance with invented people, some years of conversations and pictures, for trying.",
        discussion: "Example:  iom demo /tmp/demo && iom mount --root /tmp/demo /mnt"
    )

    @Argument(help: "Folder to make it in.", completion: .directory) var directory: String
    @Option(help: "File with the secret that seals its keys.", completion: .file()) var secretFile: String?
    @Option(help: "Name of the device.") var name = "archive-at-home"
    @Option(help: "How many conversations.") var conversations = 9
    @Option(help: "How many messages in all.") var messages = 900
    @Option(help: "How many pictures and notes in all.") var attachments = 60
    @Option(help: "How many years back.") var years = 3
    @Option(help: "The same number makes the same demo.") var seed: UInt64 = 1

    func validate() throws {
        guard conversations > 0, messages > 0, attachments >= 0, (1...50).contains(years) else {
            throw ValidationError("a demo has conversations, messages, and 1 to 50 years")
        }
    }

    func run() async throws {
        let root = RootOptions.rootPath(directory)
        let secret = try Secrets.readOrMake(at: RootOptions.secretPath(secretFile))
        let founding = Founding(
            root: root,
            secret: secret,
            name: name,
            role: .archive,
            deviceType: "server",
            ownerName: DemoScript.ownerName,
            ownerEmail: "mira@demo.invalid"
        )
        try founding.run(.system())
        let size = DemoScript.Size(
            conversations: conversations,
            messages: messages,
            attachments: attachments,
            years: years
        )
        let demo = MakeDemo(root: root, secret: secret, size: size, seed: seed)
        let written = try await demo.run(.system()) { [messages] done in Progress.show("messages", done, of: messages) }
        Progress.clear()
        try Terminal.line("\(written) messages in \(conversations) conversations are in \(root)")
    }
}
