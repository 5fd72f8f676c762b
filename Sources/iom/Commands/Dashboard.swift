import ArgumentParser
import Foundation
import Node

struct OpenDashboard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Print a link to the page about the running instance; it signs one browser in, within five minutes.",
        discussion: """
            Example:  iom dashboard --open
            The browser stays signed in for a week. --metrics prints where Prometheus finds figures, and its token.
            """
    )

    @OptionGroup var options: RootOptions
    @OptionGroup var output: JSONOption
    @Flag(help: "Open it in the browser of this desktop.") var open = false
    @Flag(help: "Print the address of the metrics and the bearer token for it instead.") var metrics = false

    func run() async throws {
        let isRunning = try await Execution(root: options.path, secret: options.secretPath).performInRunningNode(
            MakeSignInLink()
        ) { [json = output.json, open, metrics] item in
            if json { return try Terminal.json(item) }
            if metrics {
                try Terminal.line(item.metrics)
                return try Terminal.line(item.metricsToken)
            }
            try Terminal.line(item.link)
            if open { try Self.show(item.link) }
        }
        guard isRunning else { throw CommandError("no node is running: start one with `iom serve`") }
    }

    private static func show(_ link: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["xdg-open", link]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandError("no browser could be opened: copy the link into one")
        }
    }
}
