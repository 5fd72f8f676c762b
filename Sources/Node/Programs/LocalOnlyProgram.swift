import Foundation
import Fuse
import Glibc
import Objects

/// A program that never fetches, and neither does anything it starts.
///
/// Two marks, because each has a hole the other closes. A variable in its environment goes with every fork and stays with
/// what outlives it, but a program may clear its environment, as sudo(8) does. The running node is told of this process,
/// and asks of every reader whether it is below: that no program escapes, since this process adopts orphans, but it ends
/// with this process.
package struct LocalOnlyProgram: Sendable {
    /// `POSIX_SPAWN_SETSIGDEF` and `POSIX_SPAWN_SETSIGMASK` of <spawn.h>.
    private static let spawnFlags: Int16 = 0x04 | 0x08
    /// How long a running node may take to hear of it.
    private static let startTimeMax = Duration.seconds(5)

    private let words: [String]

    package init(words: [String]) { self.words = words }

    /// Whether this process was started by one of these.
    package static var isMarked: Bool {
        let parts = Processes.localOnlyMark.split(separator: "=").map(String.init)
        return getenv(parts[0]).map { String(cString: $0) } == parts.last
    }

    /// Runs it to its end; gives its exit code, 128 and the signal if it was killed.
    package func run(in execution: Execution) async throws -> Int32 {
        Processes.adoptOrphans()
        let own = getpid()
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            let (told, tell) = AsyncStream<Void>.makeStream()
            group.addTask {
                defer { tell.finish() }
                // Where no node runs, one that is started later knows it by its environment.
                _ = try? await execution.performInRunningNode(KeepLocal(processID: own)) { _ in tell.yield() }
                return nil
            }
            group.addTask {
                try? await SystemTime().sleep(for: Self.startTimeMax)
                tell.finish()
                return nil
            }
            for await _ in told { break }
            let code = try await Self.end(of: start())
            group.cancelAll()
            return code
        }
    }

    private func start() throws -> pid_t {
        // As the shell does while it waits: what the terminal sends is for the program.
        for signal in [SIGINT, SIGQUIT] { Glibc.signal(signal, SIG_IGN) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, defaults) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGQUIT, SIGPIPE, SIGXFSZ] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Self.spawnFlags)
        let variables = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" } + [Processes.localOnlyMark]
        let (arguments, environment) = (words.map { strdup($0) } + [nil], variables.map { strdup($0) } + [nil])
        defer { for pointer in arguments + environment { free(pointer) } }
        var process = pid_t()
        let result = posix_spawnp(&process, words[0], nil, &attributes, arguments, environment)
        guard result == 0 else {
            throw CommandError("`\(words[0])` cannot be started: \(String(cString: strerror(result)))", exitCode: 127)
        }
        return process
    }

    /// Waits for a child, and takes in the orphans that end before it.
    private static func end(of process: pid_t) async throws -> Int32 {
        while true {
            var status: Int32 = 0
            let ended = waitpid(-1, &status, 0)
            guard ended > 0 else {
                if errno == EINTR { continue }
                throw CommandError("the program was lost: \(String(cString: strerror(errno)))")
            }
            guard ended == process else { continue }
            let signal = status & 0x7F
            return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        }
    }
}
