import Foundation
import Glibc
import SystemPackage

/// A program as people run it, found by PATH; it sees no more of the environment than it needs.
struct Program {
    /// The name, then the arguments.
    var words: [String]
    var variables: [String: String] = [:]

    init(_ words: String..., variables: [String: String] = [:]) { (self.words, self.variables) = (words, variables) }

    /// How it ended (wait(2)), and what it last said.
    struct Failure: Error, CustomStringConvertible {
        let words: [String]
        let status: Int32
        var said = ""

        /// Nil if a signal ended it.
        var exitCode: Int32? { status & 0x7f == 0 ? status >> 8 : nil }

        var description: String { "`\(words.joined(separator: " "))` ended with status \(status): \(said.suffix(500))" }
    }

    /// Whether the shell would find it.
    static func isInstalled(_ name: String) -> Bool {
        folders.contains { folder in access("\(folder)/\(name)", X_OK) == 0 }
    }

    /// PATH, and where it may not go.
    private static let folders =
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
        + ["/usr/local/bin", "/usr/sbin", "/sbin"]

    /// Runs to the end, and throws away what it prints.
    func run() throws {
        let status = try start(output: nil).wait()
        guard status == 0 else { throw Failure(words: words, status: status) }
    }

    /// Runs to the end; what it prints, errors included.
    func output() throws -> String {
        let (reading, writing) = try FileDescriptor.pipe(options: .closeOnExec)
        defer { try? reading.close() }
        let running: RunningProgram
        do { running = try start(output: writing) } catch {
            try? writing.close()
            throw error
        }
        try writing.close()
        var bytes: [UInt8] = []
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 16)
        defer { room.deallocate() }
        while case let count = try reading.read(into: room), count > 0 { bytes += room[..<count] }
        let text = String(decoding: bytes, as: UTF8.self)
        let status = try running.wait()
        guard status == 0 else { throw Failure(words: words, status: status, said: text) }
        return text
    }

    /// Starts it; what it prints goes to `output`, or nowhere (posix_spawnp(3)).
    func start(output: FileDescriptor? = nil) throws -> RunningProgram {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        if let output {
            for number in [STDOUT_FILENO, STDERR_FILENO] {
                posix_spawn_file_actions_adddup2(&actions, output.rawValue, number)
            }
        } else {
            for number in [STDOUT_FILENO, STDERR_FILENO] {
                posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_WRONLY, 0)
            }
        }
        // Without LC_ALL and TZ `ls` would read files of locales and time zones.
        let own = ["LC_ALL": "C", "TZ": "UTC", "PATH": Self.folders.joined(separator: ":")]
        let environment = own.merging(variables) { $1 }.map { (name, value) in strdup("\(name)=\(value)") } + [nil]
        let arguments = words.map { (word: String) in strdup(word) } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of tasks block signals, and the program would inherit that.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        let result = posix_spawnp(&process, words[0], &actions, &attributes, arguments, environment)
        guard result == 0 else { throw Failure(words: words, status: result, said: "\(Errno(rawValue: result))") }
        return RunningProgram(process: process)
    }
}

/// A program that was started; whoever started it waits for it once.
struct RunningProgram {
    let process: pid_t

    /// Whether it has not ended yet (waitid(2)).
    var isRunning: Bool {
        var information = siginfo_t()
        let result = waitid(P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
        return result == 0 && information.si_signo == 0
    }

    /// How it ended (waitpid(2)).
    @discardableResult
    func wait() throws -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        return status
    }

    func end(_ signal: Int32 = SIGTERM) {
        kill(process, signal)
        _ = try? wait()
    }
}
