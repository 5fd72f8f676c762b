import ArgumentParser
import Glibc
import Node

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the first instance of a new owner.",
        discussion: """
            Example:  iom init --name archive-at-home --owner 'Mira Sandberg' --email mira@example.org
            Other devices join with `iom invite` here and `iom join` there.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var device: DeviceOptions
    @Option(help: "The owner's name.") var owner = Defaults.user
    @Option(help: "The owner's email address: the identity in ONE.") var email = "\(Defaults.user)@\(Defaults.host)"

    func run() async throws {
        let founding = Founding(
            root: options.path,
            secret: try Secrets.readOrMake(at: options.secretPath),
            name: device.name,
            role: try device.parsedRole(default: .archive),
            deviceType: device.deviceType,
            ownerName: owner,
            ownerEmail: email
        )
        try founding.run(.system())
        try Terminal.line("\(device.name) is made in \(options.path); `iom serve` runs it")
    }
}

/// What a new device is called and is for.
struct DeviceOptions: ParsableArguments {
    @Option(help: "Name of this device.") var name = Defaults.host
    @Option(help: "archive, cache (working-cache) or minimal.") var role: String?
    @Option(help: "desktop, laptop, phone, server, …") var deviceType = "desktop"

    func parsedRole(default fallback: Role) throws -> Role {
        guard let role else { return fallback }
        guard let parsed = Role(name: role) else {
            throw ValidationError("there is no role `\(role)`: archive, cache or minimal")
        }
        return parsed
    }
}

/// Names taken from the machine where none are given.
enum Defaults {
    static var host: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "device" }
        let name = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: name, as: UTF8.self)
    }

    static var user: String { getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "owner" }
}
