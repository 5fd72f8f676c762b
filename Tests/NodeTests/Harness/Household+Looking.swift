import Foundation
import SystemPackage
import Testing

/// What a person would do to look around.
extension Household {
    /// Name, size, time and inode number of everything below a directory.
    func listing(_ directory: FilePath) async throws -> [String] {
        try await sh("find '\(directory)' -printf '%P %s %T@ %i\\n' | sort").mustSucceed().lines
    }

    /// Bytes in use, by `du -s`.
    func du(_ directory: FilePath, _ options: String...) async throws -> Int {
        let output = try await sh("du -s -B1 \(options.joined(separator: " ")) '\(directory)'").mustSucceed().output
        return try #require(Int(output.prefix { $0 != "\t" }))
    }

    /// The same of the root of an instance that is at work: files may go while du looks at them.
    func use(of instance: Instance) async throws -> Int {
        let output = try await sh("du -s -B1 '\(instance.root)' | cut -f1").output
        return try #require(Int(output.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Hash and size of what an instance has on disk.
    func objects(of instance: Instance) async throws -> [String: Int] {
        let lines = try await sh("find '\(instance.objects)' -type f -printf '%f %s\\n'").mustSucceed().lines
        let pairs = lines.map { $0.split(separator: " ") }.map { (String($0[0]), Int($0[1]) ?? -1) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    /// The first file with such a name.
    func find(_ pattern: String, in directory: FilePath) async throws -> FilePath {
        let lines = try await sh("find '\(directory)/conversations' -type f -name '\(pattern)' | sort").mustSucceed()
            .lines
        return FilePath(try #require(lines.first, "\(pattern)"))
    }

    func cat(_ path: FilePath, within limit: Duration = .seconds(30)) async throws -> Program.Outcome {
        try await Program(executable: "cat", arguments: [path.string]).run(within: limit)
    }
}

extension RunningProgram {
    /// Whether the program has opened this path, as its first file, and sleeps (proc_pid_stat(5), proc_pid_fd(5)).
    func isWaiting(for path: FilePath) -> Bool {
        guard let file = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(processID)/fd/3"),
            file == path.string, let line = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            let state = line.split(separator: ") ").last?.first
        else { return false }
        return state == "S" || state == "D"
    }
}
