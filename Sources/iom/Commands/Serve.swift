import ArgumentParser
import Dashboard
import Node

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the instance: answer the owner's other devices and the other commands, until stopped.",
        discussion: "Example:  iom serve --listen 0.0.0.0:8765"
    )

    @OptionGroup var options: RootOptions
    @Option(help: "host:port to listen on (default: `listen` of iom.toml, then 127.0.0.1:8765).") var listen: String?

    func run() async throws {
        let running = Running(root: options.path, secretFile: options.secretPath) { [DashboardService(node: $0)] }
        try await running.serve(listen: listen ?? running.configuredListen ?? Running.defaultListen) { address in
            Terminal.note("serving at \(address)")
        }
    }
}
