import ArgumentParser
import Foundation
import Node
import SystemPackage

/// The process beside: serves a root until it is told to stop or the one that started it is gone.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", shouldDisplay: false)

    @Argument var root: String
    @Argument var secretFile: String
    @Option var listen = Companion.anyPort

    func run() async throws {
        // The other end of standard input is closed when the benchmark ends, even if it is killed.
        Thread.detachNewThread {
            while !FileHandle.standardInput.availableData.isEmpty {}
            kill(getpid(), SIGTERM)
        }
        let running = Running(root: FilePath(root), secretFile: FilePath(secretFile))
        try await running.serve(listen: listen) { _ in }
    }
}
