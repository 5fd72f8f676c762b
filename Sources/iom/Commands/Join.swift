import ArgumentParser
import Node

struct Join: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make this device one of the owner's, with a link from `iom invite`.",
        discussion: """
            Example:  iom join 'LINK' --name laptop
            Compare the four words it prints with those on the other device.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var device: DeviceOptions
    @Argument(help: "The link, or - to read it from standard input.") var link: String

    func run() async throws {
        let link = self.link == "-" ? readLine() ?? "" : self.link
        let joining = Joining(
            root: options.path,
            secret: try Secrets.readOrMake(at: options.secretPath),
            link: link,
            name: device.name,
            role: try device.parsedRole(default: .cache),
            deviceType: device.deviceType
        )
        let joined = try await joining.run(.system())
        try Terminal.line("joined \(Terminal.shown(joined.custodian)): \(joined.words.joined(separator: " "))")
    }
}
