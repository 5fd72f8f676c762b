import Glibc
import SystemPackage

/// `ls -lR`, as people run it.
struct ListingProgram {
    private let path = "/bin/ls"
    let directory: FilePath

    enum Failure: Error {
        /// How it ended (wait(2)).
        case ended(FilePath, status: Int32)
    }

    /// Lists everything below the directory, and throws the text away (posix_spawn(3), waitpid(2)).
    func run() throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        let words = [path, "-lR", directory.string].map { (word: String) in strdup(word) } + [nil]
        // Without these `ls` would read files of locales and time zones.
        let variables = ["LC_ALL=C", "TZ=UTC"].map { (word: String) in strdup(word) } + [nil]
        defer { for pointer in words + variables { free(pointer) } }
        var process = pid_t()
        let result = posix_spawn(&process, path, &actions, nil, words, variables)
        guard result == 0 else { throw Errno(rawValue: result) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) == -1 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        guard status == 0 else { throw Failure.ended(directory, status: status) }
    }
}
