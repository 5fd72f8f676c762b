import Glibc
package import Objects
package import SystemPackage

/// Whether somebody answers behind a mount.
package enum MountState: String, Hashable, Sendable {
    case alive
    /// The process behind it has ended (ENOTCONN).
    case dead
    /// No answer within the time given.
    case silent
    /// This user cannot look.
    case unknown
}

extension MountPoint {
    private static let looker = "/usr/bin/stat"
    private static let pause = Duration.milliseconds(5)
    private static let wordsMax = 4_096

    /// Where an IoM is mounted that this user may look into, dead or alive; nobody behind it is asked.
    ///
    /// Of others the kernel says that all is well without asking anybody (fuse_statfs).
    package static func all() -> [FilePath] {
        MountTable.mounts().filter { $0.isShared || $0.userID == geteuid() }.map(\.path)
    }

    /// Mounts that other users may look into.
    package static func shared() -> [FilePath] { MountTable.mounts().filter(\.isShared).map(\.path) }

    /// Asks a mount for its room by stat(1) with `-f`.
    ///
    /// By a process of its own: what a daemon has taken and does not answer frees its asker not even when that is killed, and
    /// such a process is left to itself.
    package static func state(
        of path: FilePath,
        within limit: Duration,
        time: any Timekeeper
    ) async -> MountState {
        guard let pipe = try? FileDescriptor.pipe() else { return .unknown }
        defer { try? pipe.readEnd.close() }
        let process = start(path, errors: pipe.writeEnd)
        try? pipe.writeEnd.close()
        guard let process else { return .unknown }
        let end = time.elapsed + limit
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            guard time.elapsed < end, (try? await time.sleep(for: pause)) != nil else {
                kill(process, SIGKILL)
                // Mostly it is gone now, and else nobody is to wait for it.
                waitpid(process, &status, WNOHANG)
                return .silent
            }
        }
        guard status != 0 else { return .alive }
        var words = [UInt8](repeating: 0, count: wordsMax)
        let count = (try? words.withUnsafeMutableBytes { try pipe.readEnd.read(into: $0) }) ?? 0
        let text = String(decoding: words.prefix(count), as: UTF8.self)
        return text.contains(String(cString: strerror(ENOTCONN))) ? .dead : .unknown
    }

    private static func start(_ path: FilePath, errors: FileDescriptor) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, errors.rawValue, STDERR_FILENO)
        let words: [String] = [looker, "-f", "--", path.string]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { (word: String) in strdup(word) } + [nil]
        // In the words of strerror(3) of this process, which sets no language.
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("LC_ALL=C"), nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        var process = pid_t()
        guard posix_spawn(&process, looker, &actions, nil, &arguments, &environment) == 0 else { return nil }
        return process
    }
}
