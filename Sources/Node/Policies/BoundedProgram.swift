import Glibc
import Objects
import SystemPackage

/// Another program that is run on bytes nobody vouches for: limits on its memory, time and output, nothing of this process
/// but what it is to read, and killed when it takes too long.
struct BoundedProgram: Sendable {
    let path: String
    let arguments: [String]
    let environment: [String]
    let memoryByteCountMax: Int
    let processorSecondsMax: Int
    let outputByteCountMax: Int

    /// Sets limits for the program it starts (prlimit(1) of util-linux).
    private static let limiter = path(of: "prlimit")
    /// libvips has the code it generates in a file, for as long as it runs.
    private static let fileByteCountMax = 1 << 20
    private static let pause = Duration.milliseconds(20)

    /// Where a program of the system is, in the folders that only the system's owner fills; `PATH` may leave some of them
    /// out, and adds none.
    static func path(of name: String) -> String? {
        let named = getenv("PATH").map { String(cString: $0).split(separator: ":").map(String.init) }
        return ["/usr/bin", "/bin", "/usr/local/bin"].filter { named?.contains($0) ?? true }.map { "\($0)/\(name)" }
            .first { access($0, X_OK) == 0 }
    }

    /// Runs it with the file as its input.
    ///
    /// - Returns: its output; nil if it failed, wrote too much, or had to be killed.
    func run(
        reading input: FileDescriptor,
        within limit: Duration,
        time: any Timekeeper
    ) async throws -> [UInt8]? {
        _ = try input.seek(offset: 0, from: .start)
        let (reading, writing) = try Self.pipe()
        defer { try? reading.close() }
        let process: pid_t?
        do {
            defer { try? writing.close() }
            process = start(input, writing)
        }
        guard let process else { return nil }
        let end = time.elapsed + limit
        var output: [UInt8]? = []
        while let bytes = output, bytes.count <= outputByteCountMax, time.elapsed < end {
            output = try Self.drain(reading, after: bytes)
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                guard status == 0, let bytes = output else { return nil }
                return try Self.drain(reading, after: bytes).flatMap { $0.count <= outputByteCountMax ? $0 : nil }
            }
            do { try await time.sleep(for: Self.pause) } catch {
                Self.end(process)
                throw error
            }
        }
        Self.end(process)
        return nil
    }

    private static func end(_ process: pid_t) {
        var status: Int32 = 0
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
    }

    /// A pipe whose reader never waits and whose ends no other program gets.
    private static func pipe() throws -> (reading: FileDescriptor, writing: FileDescriptor) {
        let ends = try FileDescriptor.pipe()
        for end in [ends.readEnd, ends.writeEnd] { _ = fcntl(end.rawValue, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends.readEnd.rawValue, F_SETFL, O_NONBLOCK)
        return (ends.readEnd, ends.writeEnd)
    }

    /// What has been written by now, behind what was before; nil if it cannot be read.
    private static func drain(_ pipe: FileDescriptor, after before: [UInt8]) throws -> [UInt8]? {
        var bytes = before
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            do {
                let count = try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) }
                if count == 0 { return bytes }
                bytes += buffer[..<count]
            } catch Errno.wouldBlock {
                return bytes
            } catch {
                return nil
            }
        }
    }

    /// posix_spawn(3); nil if it cannot be started.
    ///
    /// Every other descriptor of this process is close-on-exec.
    private func start(_ input: FileDescriptor, _ output: FileDescriptor) -> pid_t? {
        guard let limiter = Self.limiter else { return nil }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.rawValue, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Nothing that this process ignores or blocks.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let limits = [
            limiter, "--as=\(memoryByteCountMax)", "--cpu=\(processorSecondsMax)", "--fsize=\(Self.fileByteCountMax)",
            "--core=0",
            "--nofile=32", path,
        ]
        var process = pid_t()
        let result = Self.withPointers(to: limits + arguments) { arguments in
            Self.withPointers(to: environment) { environment in
                posix_spawn(&process, limiter, &actions, &attributes, arguments, environment)
            }
        }
        return result == 0 ? process : nil
    }

    /// Texts as C wants a list of them: copies that live as long as the body.
    private static func withPointers<Result>(
        to texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = texts.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
