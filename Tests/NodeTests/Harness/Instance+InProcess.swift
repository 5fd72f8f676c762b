import Foundation
import Glibc
import Logging
import Objects
import Peers
import Storage
import SystemPackage
import Testing

@testable import Node

extension Household {
    /// A new owner's first instance, without any content.
    func found(name: String = "archive", owner: String = "Mira Sandberg") async throws -> Instance {
        let archive = try instance(name)
        let email = "\(name)@\(owner.prefix(4).lowercased()).invalid"
        try await archive.succeed("init", "--name", name, "--owner", owner, "--email", email, "--role", "archive")
        return archive
    }

    static let hasPython = access("/usr/bin/python3", X_OK) == 0

    static let tools = aliceStore.removingLastComponent().removingLastComponent().removingLastComponent()
        .appending("tools")
}

extension Instance {
    /// The node of this instance in the test's own process; no program may run on it meanwhile.
    func open(time: any Timekeeper = SystemTime()) throws -> Node {
        let secret = root.removingLastComponent().appending("config/iom/secret")
        let surroundings = Node.Surroundings(time: time, random: SystemRandom(), logger: Self.quiet)
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do {
                return try Node(root: root, secret: .success(Secrets.read(at: secret)), surroundings: surroundings)
            } catch RootError.inUse where ContinuousClock.now < deadline {
                // A program that another test is starting has all descriptors of this process for a moment.
                usleep(2_000)
            }
        }
    }

    static let quiet = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// Names another instance to dial, beside the one it joined.
    func addPeer(_ peer: Instance) throws {
        let path = root.appending("iom.toml").string
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let section = "\n[[peers]]\nname = \"\(peer.name)\"\nendpoint = \"ws://127.0.0.1:\(peer.port)\"\n"
        try (text + section).write(toFile: path, atomically: false, encoding: .utf8)
    }

    /// Stores bytes by `iom put`.
    func put(_ bytes: [UInt8], in household: Household) async throws -> ObjectHash {
        let path = household.directory.appending("put-\(name)")
        try household.write(bytes, to: path)
        let hash = try await succeed("put", path.string).output.prefix(64)
        return try #require(ObjectHash(hex: hash))
    }

    /// Where the bytes of an object are on this device, if they are.
    func file(of hash: ObjectHash) -> FilePath { objects.appending("\(hash.hex.prefix(2))/\(hash.hex)") }

    func holds(_ hash: ObjectHash) -> Bool { FileManager.default.fileExists(atPath: file(of: hash).string) }

    /// The events of a mounted instance.
    static func events(in mount: FilePath) throws -> [[String: Any]] {
        let text = try String(contentsOfFile: mount.appending(".iom/status/events.jsonl").string, encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
        }
    }
}

extension FilePath {
    /// An object below a mount.
    func object(_ hash: ObjectHash) -> FilePath { appending(".iom/objects/\(hash.hex.prefix(2))/\(hash.hex)") }
}

/// A generator of the standard library's kind, that repeats itself from a seed.
struct Dice: RandomNumberGenerator {
    private let random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func next() -> UInt64 { random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) } }

    func bytes(_ count: Int) -> [UInt8] { random.bytes(count) }
}
