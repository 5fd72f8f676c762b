import Foundation
import Glibc
import Node

/// A copy of this program that goes on in the background, in a session of its own (posix_spawn(3), setsid(2)).
enum Daemon {
    /// Descriptor on which the copy says that it is ready, or why it is not.
    private static let readyDescriptor: Int32 = 3
    private static let readyVariable = "IOM_READY"
    /// `POSIX_SPAWN_SETSID` of <spawn.h>, which the Glibc module does not show.
    private static let setsidFlag: Int32 = 0x80
    private static let ready = Array("ready\n".utf8)

    /// Starts the same command with `-f`, and returns when it is ready; throws what it says otherwise.
    static func start(readyFrom arguments: [String]) throws {
        var pipe: [Int32] = [0, 0]
        guard Glibc.pipe(&pipe) == 0 else { throw CommandError("no pipe: \(String(cString: strerror(errno)))") }
        defer { close(pipe[0]) }
        // The copy gets the writing end as `readyDescriptor`, and nothing else of the pipe.
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do {
            defer { close(pipe[1]) }
            try spawn(arguments + ["--foreground"], reportingTo: pipe[1])
        }
        var said: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(pipe[0], &buffer, buffer.count), count != 0 {
            guard count > 0 else {
                if errno == EINTR { continue }
                break
            }
            said += buffer.prefix(count)
            if said.starts(with: ready) { return }
        }
        let words = String(decoding: said, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        throw CommandError(words.isEmpty ? "the mount ended before it was ready: try again with -f" : words)
    }

    private static func spawn(_ arguments: [String], reportingTo descriptor: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, descriptor, readyDescriptor)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the runtime block signals; the copy must hear those that end it.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(setsidFlag | Int32(POSIX_SPAWN_SETSIGMASK)))
        var environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
        environment.append("\(readyVariable)=\(readyDescriptor)")
        let words = arguments.map { strdup($0) } + [nil]
        let variables = environment.map { strdup($0) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/proc/self/exe", &actions, &attributes, words, variables)
        guard result == 0 else {
            throw CommandError("cannot start in the background: \(String(cString: strerror(result)))")
        }
    }

    /// Whether somebody waits for this process to be ready.
    private static var isAwaited: Bool { getenv(readyVariable).map { String(cString: $0) } == "\(readyDescriptor)" }

    /// Says that the background copy is ready.
    static func tellReady() { tell(ready) }

    /// Says why the background copy ends before it was ready.
    static func tell(failure: String) { tell(Array((failure + "\n").utf8)) }

    private static func tell(_ bytes: [UInt8]) {
        guard isAwaited else { return }
        _ = write(readyDescriptor, bytes, bytes.count)
        close(readyDescriptor)
    }
}
