import ArgumentParser
import Node
import SystemPackage

struct Join: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make this device one of the owner's, with a link from `iom invite`.",
        discussion: """
            Example:  iom join 'LINK' --name laptop
            Compare the four words it prints with those on the other device.

            Where this instance is and goes on, and the link is from another program that speaks ONE: iom join --one 'LINK'
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var device: DeviceOptions
    @Flag(help: "The link is of a ONE instance of yours with a person of its own: both persons are you then.")
    var one = false
    @Option(help: "PEM file of certificate authorities for a wss:// link, beside the system's.", completion: .file())
    var tlsAuthorities: String?
    @Argument(help: "The link, or - to read it from standard input.") var link: String

    func run() async throws {
        let link = self.link == "-" ? readLine() ?? "" : self.link
        guard !one else {
            return try await options.perform(AcceptContact(link: link, becomesOne: true)) { item in
                try Terminal.line("\(Terminal.shown(item.email)) (\(Terminal.shown(item.instance))) is you, too, now")
            }
        }
        let joining = Joining(
            root: options.path,
            secret: try Secrets.readOrMake(at: options.secretPath),
            link: link,
            name: device.name,
            role: try device.parsedRole(default: .cache),
            deviceType: device.deviceType,
            tlsAuthorities: tlsAuthorities.map { RootOptions.absolute($0).string }
        )
        let joined = try await joining.run(.system())
        try Terminal.line("joined \(Terminal.shown(joined.custodian)): \(joined.words.joined(separator: " "))")
    }
}
