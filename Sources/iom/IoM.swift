import ArgumentParser
import Node

/// The command line: one file a command.
@main
struct IoM: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iom",
        abstract: "Your Internet of Me: every conversation and file of yours, over all your devices, as one folder.",
        discussion: """
            A device runs one instance, whose data is a folder (--root, $IOM_ROOT, or ~/.local/share/iom).

            Start with:   iom init --name my-box && iom serve
            Look around:  iom mount ~/iom && ls ~/iom
            """,
        version: ProgramVersion.text,
        groupedSubcommands: [
            CommandGroup(name: "Begin", subcommands: [Init.self, Adopt.self, Join.self, Demo.self]),
            CommandGroup(name: "Run", subcommands: [Serve.self, Mount.self, Umount.self, OpenDashboard.self]),
            CommandGroup(
                name: "Read and write",
                subcommands: [
                    List.self, Get.self, Conversations.self, Log.self, Say.self, Add.self, Put.self, Fetch.self,
                ]
            ),
            CommandGroup(
                name: "What is kept here",
                subcommands: [Pin.self, Unpin.self, Why.self, Cost.self, Evict.self]
            ),
            CommandGroup(name: "Programs that read", subcommands: [Allow.self, Run.self]),
            CommandGroup(name: "People", subcommands: [Contacts.self, ContactCommands.self, Share.self, Unshare.self]),
            CommandGroup(name: "Devices", subcommands: [Invite.self, Peers.self, Revoke.self, Relay.self]),
            CommandGroup(name: "Watch", subcommands: [Status.self, Stats.self, Events.self, Top.self]),
            CommandGroup(
                name: "Care",
                subcommands: [Config.self, Check.self, Fsck.self, Doctor.self, ExportCommand.self]
            ),
        ]
    )

    static func main() async {
        Terminal.ignoreFatalWrites()
        do {
            var command = try await asyncParse()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            Terminal.exit(with: error, from: Self.self)
        }
    }

    private static func asyncParse() async throws -> any ParsableCommand { try parseAsRoot() }
}
