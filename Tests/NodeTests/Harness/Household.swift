import Foundation
import Glibc
import Synchronization
import SystemPackage
import Testing

/// The instances of one owner, as real processes on this machine, each with a root and a configuration of its own.
///
/// After the body nothing is left: no process, no mount, no file.
final class Household: Sendable {
    /// Everything of this household is in here.
    let directory: FilePath
    private let programs = Mutex<[RunningProgram]>([])
    private let instances = Mutex<[Instance]>([])
    private let relays = Mutex<[Relay]>([])

    /// A few processes each: more at once would only wait for one another.
    private static let turns = Turns(2)

    /// Whether this machine can mount.
    static let canMount = access("/dev/fuse", R_OK | W_OK) == 0

    /// The program under test, built beside the tests.
    static let program: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = FilePath(
            String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        )
        return tests.removingLastComponent().appending("iom").string
    }()

    private static let fixtures: FilePath =
        getenv("IOM_FIXTURES").map { FilePath(platformString: $0) }
        ?? FilePath(#filePath).removingLastComponent().pushing("../../../../shared/fixtures").lexicallyNormalized()

    static let aliceStore = fixtures.pushing("one-store/alice")
    static let aliceManifest = fixtures.pushing("one-store/MANIFEST.alice.json")
    private static let aliceSecret = "alice-secret"

    private init() throws {
        // A file system in memory, where a barrier does not wait for whatever else the machine writes.
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp")
        var template = Array("\(base)/iom-home-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        directory = FilePath(platformString: template)
    }

    /// Runs the body with a new household, and takes everything away again, whatever happens.
    static func with(_ body: (Household) async throws -> Void) async throws {
        await turns.take()
        defer { turns.leave() }
        let household = try Household()
        do {
            try await body(household)
        } catch {
            await household.end()
            throw error
        }
        await household.end()
    }

    // MARK: Instances

    /// An instance that has the data and the keys of the fixture's Alice.
    func adoptAlice(name: String = "archive") async throws -> Instance {
        let archive = try instance(name)
        let secret = directory.appending("alice-secret")
        try write(Self.aliceSecret + "\n", to: secret, mode: 0o600)
        try await archive.succeed(
            "adopt",
            Self.aliceStore.string,
            "--root",
            archive.root.string,
            "--secret-file",
            secret.string
        )
        return archive
    }

    /// The first instance of a new owner, with nothing in it.
    func found(name: String = "archive") async throws -> Instance {
        let archive = try instance(name)
        try await archive.succeed("init", "--name", name, "--owner", "Mira Sandberg", "--email", "mira@demo.invalid")
        return archive
    }

    /// An instance with invented people and conversations.
    func demo(name: String = "archive", _ arguments: String...) async throws -> Instance {
        let archive = try instance(name)
        try await archive.run(["demo", archive.root.string, "--name", name] + arguments, within: .seconds(60))
            .mustSucceed()
        return archive
    }

    /// A further device of the owner; the instance that invites has to be served.
    func join(name: String = "laptop", role: String = "cache", to custodian: Instance) async throws -> Instance {
        let device = try instance(name)
        let link = try await custodian.succeed("invite").output.trimmingCharacters(in: .whitespacesAndNewlines)
        try await device.succeed("join", link, "--name", name, "--role", role)
        return device
    }

    /// An instance whose root is still to be made.
    func instance(_ name: String) throws -> Instance {
        let instance = try Instance(name: name, household: self)
        instances.withLock { $0.append(instance) }
        return instance
    }

    /// A relay to an instance, which ends with the household.
    func relay(to instance: Instance) throws -> Relay {
        let relay = try Relay(to: instance.port)
        relays.withLock { $0.append(relay) }
        return relay
    }

    // MARK: Programs and files

    /// A program that is ended with the household.
    func start(_ program: Program) throws -> RunningProgram {
        let running = try program.start()
        programs.withLock { $0.append(running) }
        return running
    }

    /// A line of `sh`, in the directory of the household.
    @discardableResult
    func sh(_ line: String, within limit: Duration = .seconds(30)) async throws -> Program.Outcome {
        try await Program(executable: "sh", arguments: ["-c", line], workingDirectory: directory).run(within: limit)
    }

    /// An empty folder.
    func folder(_ name: String) throws -> FilePath {
        let path = directory.appending(name)
        guard mkdir(path.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        return path
    }

    func write(_ text: String, to path: FilePath, mode: mode_t = 0o644) throws {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    func write(_ bytes: [UInt8], to path: FilePath, mode: mode_t = 0o644) throws {
        let file = try FileDescriptor.open(
            path,
            .writeOnly,
            options: [.create, .truncate],
            permissions: FilePermissions(rawValue: mode)
        )
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    // MARK: The end

    private func end() async {
        let (programs, instances) = (self.programs.withLock { $0 }, self.instances.withLock { $0 })
        let directory = self.directory
        let left = await Background.run {
            var left: [String] = []
            // The newest first: readers before what they read from.
            for program in programs.reversed() where !program.endBlocking() {
                left.append("process \(program.processID)")
            }
            for instance in instances { instance.endDaemon() }
            left += Self.detachMounts(below: directory)
            return left
        }
        for relay in relays.withLock({ $0 }) { relay.end() }
        for what in left { Issue.record("left behind: \(what)") }
        _ = try? await Program(executable: "rm", arguments: ["-rf", "--one-file-system", directory.string]).run()
    }

    /// Takes away mounts that the programs should have taken away themselves, except dead ones; tells which.
    private static func detachMounts(below directory: FilePath) -> [String] {
        guard let table = try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8) else { return [] }
        let points = table.split(separator: "\n").compactMap { line in
            line.split(separator: " ").dropFirst().first.map(String.init)
        }
        return points.filter { $0.hasPrefix(directory.string + "/") }.compactMap { point in
            var status = stat()
            let isDead = stat(point, &status) != 0
            umount2(point, Int32(MNT_DETACH))
            return isDead ? nil : "mount \(point)"
        }
    }
}

extension Program.Outcome {
    /// The outcome itself, if all is well.
    @discardableResult
    func mustSucceed(sourceLocation: SourceLocation = #_sourceLocation) throws -> Self {
        try #require(exitCode == 0, "\(output)\(errors)", sourceLocation: sourceLocation)
        return self
    }
}
