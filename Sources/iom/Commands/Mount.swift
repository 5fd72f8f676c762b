import ArgumentParser
import Dashboard
import Node
import SystemPackage

struct Mount: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show everything as a folder; returns when `ls` works.",
        discussion: """
            Example:  iom mount ~/iom && ls ~/iom/conversations
            Options (-o a,b=c): allow_other, ro, no_open, show=objects:types:status, passthrough=auto|on|off. `iom umount` or `fusermount3 -u` ends it.
            """
    )

    @OptionGroup var options: RootOptions
    @Argument(help: "An empty folder.", completion: .directory) var directory: String
    @Flag(name: [.customShort("f"), .long], help: "Stay in front until it is unmounted.") var foreground = false
    @Option(name: [.customShort("o")], help: "Options, separated by commas.") var mountOptions: [String] = []
    @Option(help: "host:port to listen on for other devices as well.") var listen: String?

    func run() async throws {
        let options = try MountOptions(words: mountOptions)
        let point = RootOptions.absolute(directory)
        let command = Mounting(directory: point.string, options: options)
        // A node that runs already mounts it; else one is started for it.
        let execution = Execution(root: self.options.path, secret: self.options.secretPath)
        if try await execution.performInRunningNode(command, emit: { _ in }) { return }
        guard foreground else { return try Daemon.start(readyFrom: CommandLine.arguments) }
        let running = Running(root: self.options.path, secretFile: self.options.secretPath) {
            [DashboardService(node: $0)]
        }
        try await running.mount(command, listen: listen ?? running.configuredListen) { Daemon.tellReady() }
    }
}
