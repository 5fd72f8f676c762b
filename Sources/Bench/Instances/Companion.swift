import Foundation
import Glibc
import Node
import SystemPackage

/// An instance that another process of this program serves; it ends with this one, however this one ends.
final class Companion {
    private static let startTimeMax = Duration.seconds(300)
    private static let pollPause = Duration.milliseconds(5)
    /// Whichever port is free.
    static let anyPort = "127.0.0.1:0"

    private let process = Process()
    /// Held open: its end tells the other process that this one is gone.
    private let lifeline = Pipe()
    private let execution: Execution
    private let root: FilePath

    /// Starts to serve; returns when it answers.
    init(root: FilePath, secret: FilePath, listen: String = anyPort) async throws {
        self.root = root
        execution = Execution(root: root, secret: secret)
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["serve", root.string, secret.string, "--listen", listen]
        process.standardInput = lifeline
        try process.run()
        try await wait("to start") { try await self.isRunning() }
    }

    private func isRunning() async throws -> Bool {
        guard process.isRunning else { throw CommandError("the process that serves \(root) ended") }
        return try await execution.performInRunningNode(ReportStatus()) { _ in }
    }

    func perform<Command: NodeCommand>(
        _ command: Command,
        emit: @escaping @Sendable (Command.Item) async throws -> Void = { _ in }
    ) async throws {
        guard try await execution.performInRunningNode(command, emit: emit) else {
            throw CommandError("nothing serves \(root)")
        }
    }

    /// Counts of what it knows and has.
    func counts() async throws -> Snapshot.Counts {
        let counts = Latest<Snapshot.Counts>()
        try await perform(ReportStatus()) { await counts.set($0.stats) }
        guard let value = await counts.value else { throw CommandError("\(root) tells no status") }
        return value
    }

    /// Asks again and again, until it is so.
    func wait(
        _ what: String,
        asking pause: Duration = pollPause,
        until isDone: () async throws -> Bool
    ) async throws {
        let start = ContinuousClock.now
        while try await !isDone() {
            guard ContinuousClock.now - start < Self.startTimeMax else {
                throw CommandError("\(root) takes too long \(what)")
            }
            try await Task.sleep(for: pause)
        }
    }

    /// Stops it where it stands (SIGSTOP), or lets it go on.
    func freeze(_ isFrozen: Bool) { Glibc.kill(process.processIdentifier, isFrozen ? SIGSTOP : SIGCONT) }

    var processIdentifier: pid_t { process.processIdentifier }

    /// Ends it where it stands (SIGKILL).
    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Unmounts and ends it.
    func end() async {
        freeze(false)
        process.terminate()
        process.waitUntilExit()
    }
}

/// The last value of a stream of items.
actor Latest<Value: Sendable> {
    private(set) var value: Value?

    func set(_ value: Value) { self.value = value }
}
