import Foundation
import Glibc
import Node
import Synchronization
import SystemPackage
import Testing

/// One device: a root, a secret outside of it, and the processes that run on it.
final class Instance: Sendable {
    let name: String
    let root: FilePath
    /// Where others reach it when it is served; the same after every restart.
    let port: UInt16
    private let home: FilePath
    private let household: Household
    private let node = Mutex<RunningProgram?>(nil)
    private let variables = Mutex<[String: String]>([:])

    init(name: String, household: Household) throws {
        self.name = name
        self.household = household
        home = try household.folder(name)
        root = home.appending("root")
        port = try Self.freePort()
    }

    var objects: FilePath { root.appending("objects") }
    /// Where `mount` mounts if it is told nothing else.
    var mountPoint: FilePath { home.appending("mnt") }
    /// The process that runs this instance.
    var process: RunningProgram? { node.withLock { $0 } }

    // MARK: Commands

    /// From now on programs on this device see this variable.
    func export(_ name: String, _ value: String) { variables.withLock { $0[name] = value } }

    /// `iom`, or another program, with these arguments, as on this device.
    func program(_ arguments: [String], of executable: String = Household.program) -> Program {
        let own = ["HOME": home.string, "XDG_CONFIG_HOME": home.appending("config").string, "IOM_ROOT": root.string]
            .merging(variables.withLock { $0 }) { _, new in new }
        return Program(
            executable: executable,
            arguments: arguments,
            environment: Program.environment.merging(own) { _, new in new },
            workingDirectory: home
        )
    }

    func run(_ arguments: [String], within limit: Duration = .seconds(30)) async throws -> Program.Outcome {
        try await program(arguments).run(within: limit)
    }

    func iom(_ arguments: String...) async throws -> Program.Outcome { try await run(arguments) }

    /// A command that has to end with 0.
    @discardableResult
    func succeed(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Program.Outcome
    {
        try await run(arguments).mustSucceed(sourceLocation: sourceLocation)
    }

    /// What `iom … --json` prints, an object a line.
    func json(_ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation) async throws -> [[String: Any]]
    {
        let lines = try await run(arguments + ["--json"]).mustSucceed(sourceLocation: sourceLocation).lines
        return try lines.map { line in
            try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                sourceLocation: sourceLocation
            )
        }
    }

    func status() async throws -> Snapshot {
        let output = try await succeed("status", "--json").outputBytes
        return try JSONDecoder().decode(Snapshot.self, from: Data(output))
    }

    /// Adds lines to a section of `iom.toml`; takes effect at the next start.
    func configure(_ section: String, _ lines: String) throws {
        let path = root.appending("iom.toml")
        var text = try String(contentsOfFile: path.string, encoding: .utf8)
        let keys = lines.split(separator: "\n").compactMap { $0.split(separator: "=").first }
        let kept = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            !keys.contains { line.hasPrefix($0) }
        }
        text = kept.joined(separator: "\n")
        if let range = text.range(of: "[\(section)]\n") {
            text.insert(contentsOf: lines + "\n", at: range.upperBound)
        } else {
            text += "\n[\(section)]\n\(lines)\n"
        }
        try household.write(text, to: path, mode: 0o600)
    }

    // MARK: Running

    /// Starts the node, and returns when it answers.
    @discardableResult
    func serve(_ arguments: String...) async throws -> RunningProgram {
        // Only who listens has an endpoint: `status` opens the root itself where nobody runs on it.
        try await run(node: ["serve", "--listen", "127.0.0.1:\(port)"] + arguments) { $0.endpoint != nil }
    }

    /// Mounts in a new or given folder; returns when it is readable.
    ///
    /// A node that runs already does it, else one is started.
    @discardableResult
    func mount(_ name: String = "mnt", _ arguments: String...) async throws -> FilePath {
        let directory = home.appending(name)
        mkdir(directory.string, 0o755)
        if process?.isRunning == true {
            try await run(["mount", directory.string] + arguments).mustSucceed()
        } else {
            try await run(node: ["mount", "-f", directory.string] + arguments) {
                $0.mounts.map(\.directory).contains(directory.string)
            }
        }
        return directory
    }

    /// Ends the node by a signal.
    @discardableResult
    func stop(_ signal: Int32 = SIGTERM) async throws -> Program.Outcome {
        let process = try #require(self.process)
        let outcome = await process.end(signal)
        node.withLock { $0 = nil }
        return try #require(outcome, "\(name) did not end")
    }

    @discardableResult
    private func run(node arguments: [String], until isReady: (Snapshot) -> Bool) async throws -> RunningProgram {
        let process = try household.start(program(arguments))
        node.withLock { $0 = process }
        let socket = root.appending("control.sock").string
        try await eventually("\(name) answers", within: .seconds(20)) {
            guard process.isRunning else {
                throw Program.Failure(
                    description: "\(arguments[0]) ended: \(process.outputSoFar)\(process.errorsSoFar)"
                )
            }
            guard access(socket, F_OK) == 0 else { return false }
            let answer = try await run(["status", "--json"])
            guard answer.exitCode == 0 else { return false }
            return isReady(try JSONDecoder().decode(Snapshot.self, from: Data(answer.outputBytes)))
        }
        return process
    }

    /// Waits until this instance tells of everything what the other tells.
    @discardableResult
    func synced(with other: Instance, within limit: Duration = .seconds(30)) async throws -> Duration {
        // The cheap questions first: asking takes time from those who are to answer.
        let pause = Duration.milliseconds(100)
        return try await eventually("\(name) knows what \(other.name) knows", within: limit, pause: pause) {
            let (own, others) = (try await status().stats, try await other.status().stats)
            guard own.totalObjects == others.totalObjects, own.versions == others.versions else { return false }
            let conversations = try await succeed("conversations", "--json").output
            guard try await other.succeed("conversations", "--json").output == conversations else { return false }
            for conversation in try await json("conversations") {
                let id = try #require(conversation["id"] as? String)
                let log = try await succeed("log", id, "--json").output
                guard try await other.succeed("log", id, "--json").output == log else { return false }
            }
            return true
        }
    }

    /// Ends a node that went into the background; its number is in the lock file of the root.
    func endDaemon() {
        guard let text = try? String(contentsOfFile: root.appending("lock").string, encoding: .utf8),
            let processID = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            let commandLine = try? String(contentsOfFile: "/proc/\(processID)/cmdline", encoding: .utf8),
            commandLine.contains(home.string)
        else { return }
        for signal in [SIGCONT, SIGTERM, SIGKILL] {
            kill(processID, signal)
            for _ in 0..<(signal == SIGCONT ? 0 : 500) {
                guard FileManager.default.fileExists(atPath: "/proc/\(processID)/exe") else { return }
                usleep(10_000)
            }
        }
    }

    /// A port nobody listens on at the moment.
    private static func freePort() throws -> UInt16 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { throw Errno(rawValue: errno) }
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, size) == 0 && getsockname(socket, address, &size) == 0
            }
        }
        guard result else { throw Errno(rawValue: errno) }
        return UInt16(bigEndian: address.sin_port)
    }
}
