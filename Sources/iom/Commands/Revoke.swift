import ArgumentParser
import Node

struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shut out a device that was lost or stolen, for ever; on a device with the owner's key.",
        discussion: """
            Example:  iom revoke laptop    It can read what it holds, and gets nothing new.

            What it alone holds nobody can fetch afterwards: if there is such a thing, it says how much and wants --force.
            """
    )

    @OptionGroup var options: RootOptions
    @Argument(help: "Name of the device, as `iom peers` lists it.") var name: String
    @Flag(help: "Although it alone has some objects.") var force = false

    func run() async throws {
        try await options.perform(RevokeInstance(instance: name, isForced: force)) { item in
            try Terminal.line("\(Terminal.shown(item.name)) is revoked")
        }
    }
}
