import Foundation
import Glibc
import SystemPackage

/// A program as a person would start it: arguments, an environment of its own, and nothing of the test's signal mask.
struct Program: Sendable {
    /// A path, or a name that is found by PATH.
    var executable: String
    var arguments: [String] = []
    /// All that the program sees.
    var environment: [String: String] = Self.environment
    var workingDirectory: FilePath?

    /// What is left of the test's own environment: where programs and libraries are, and the language.
    static let environment: [String: String] = {
        let own = ProcessInfo.processInfo.environment.filter { ["PATH", "LD_LIBRARY_PATH", "TMPDIR"].contains($0.key) }
        return own.merging(["LC_ALL": "C.UTF-8", "TZ": "UTC"]) { _, new in new }
    }()

    /// How a program ended, and what it said.
    struct Outcome: Sendable {
        /// 128 + the signal for one that was killed, as in a shell.
        var exitCode: Int32
        var outputBytes: [UInt8]
        var errorBytes: [UInt8]
        var end: ContinuousClock.Instant
        var duration: Duration

        var output: String { String(decoding: outputBytes, as: UTF8.self) }
        var errors: String { String(decoding: errorBytes, as: UTF8.self) }
        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// A program that was still running at its deadline, or ended otherwise than it should.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    var commandLine: String { ([executable] + arguments).joined(separator: " ") }

    /// Runs to the end; a program that takes longer than the limit is killed, and that is an error.
    func run(within limit: Duration = .seconds(30)) async throws -> Outcome {
        let running = try start()
        if let outcome = await running.outcome(within: limit) { return outcome }
        let rest = await running.end(SIGKILL, within: .seconds(5))
        throw Failure(
            description: "`\(commandLine)` took longer than \(limit): \(rest?.output ?? "") \(rest?.errors ?? "")"
        )
    }

    /// Starts it; whoever starts it ends it.
    func start() throws -> RunningProgram {
        let (output, errors) = (try Self.namelessFile(), try Self.namelessFile())
        do {
            return RunningProgram(processID: try spawn(output: output, errors: errors), output: output, errors: errors)
        } catch {
            close(output)
            close(errors)
            throw error
        }
    }

    /// Output goes into a file without a name, so that nobody has to read for the program to go on.
    private static func namelessFile() throws -> Int32 {
        var name = Array("/tmp/iom-output-XXXXXX".utf8CString)
        let file = mkstemp(&name)
        guard file >= 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else { throw Errno(rawValue: errno) }
        unlink(name)
        return file
    }

    private func spawn(output: Int32, errors: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of tasks block signals, and the program would inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let there = workingDirectory.map { ["env", "-C", $0.string] } ?? []
        let words = (there + [executable] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var process = pid_t()
        let result = posix_spawnp(&process, there.first ?? executable, &actions, &attributes, words, variables)
        guard result == 0 else { throw Failure(description: "`\(commandLine)`: \(Errno(rawValue: result))") }
        return process
    }
}
