import Foundation
import Glibc
import Objects
import Peers
import Storage
import Synchronization
import SystemPackage
import Testing

@testable import Node

/// Bytes that are not what their name says: from another instance, or on the own disk.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct WrongBytesTests {
    /// What an evil member sends for an object.
    private static let lies: [(name: String, lie: @Sendable ([UInt8]) -> LyingService.Lie)] = [
        ("other bytes of the right length", { .bytes($0.map { $0 ^ 0x55 }) }),
        ("one bit", { .bytes([$0[0] ^ 1] + $0.dropFirst()) }),
        ("too few", { .bytes(Array($0.dropLast(10))) }),
        ("none", { _ in .bytes([]) }),
        ("too many", { .bytes($0 + [0]) }),
        ("no end", { _ in .endless }),
    ]

    @Test func `Wrong bytes of a member reach no reader and no disk, and the event says who sent them`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let liar = try await home.join(name: "liar", role: "archive", to: archive)
            let laptop = try await home.join(to: archive)
            try laptop.addPeer(liar)
            let dice = Dice(seed: 11)
            let service = LyingService(name: "liar")
            var objects: [(bytes: [UInt8], hash: ObjectHash)] = []
            for (index, lie) in Self.lies.enumerated() {
                // One of them too large to be held in memory.
                let bytes = dice.bytes(index == 0 ? 1_500_000 : 20_000 + index)
                objects.append((bytes, try await archive.put(bytes, in: home)))
                service.tell(lie.lie(bytes), of: objects[index].hash)
            }
            try await withLiar(liar, service) {
                let mount = try await laptop.mount()
                try await eventually("both are connected") { try await laptop.status().connections.count == 2 }
                try await laptop.synced(with: archive)
                try await archive.stop()
                try await eventually("only the liar is left") { try await laptop.status().connections.count == 1 }
                for (index, object) in objects.enumerated() {
                    let outcome = try await home.sh("timeout 20 cat '\(mount.object(object.hash))'")
                    #expect(outcome.errors.contains("Bad message"), "\(Self.lies[index].name): \(outcome.errors)")
                    #expect(outcome.outputBytes.isEmpty)
                    #expect(!laptop.holds(object.hash))
                }
                #expect(try await home.sh("find '\(laptop.root)/incoming' -type f -size +0").output.isEmpty)
                let events = try Instance.events(in: mount)
                for object in objects {
                    #expect(
                        events.contains {
                            $0["type"] as? String == "corrupt-object" && $0["source"] as? String == "liar"
                                && $0["target"] as? String == object.hash.hex
                        }
                    )
                }
                // With an honest holder in reach the reader gets the bytes, though the liar is still there.
                try await archive.serve()
                for object in objects {
                    try await eventually("the archive's bytes", within: .seconds(40)) {
                        try await home.sh("timeout 20 cat '\(mount.object(object.hash))'").outputBytes == object.bytes
                    }
                }
                try await laptop.stop()
                try await laptop.succeed("fsck")
            }
        }
    }

    @Test func `A member that says untrue things keeps nobody from reading what others have`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let liar = try await home.join(name: "liar", role: "archive", to: archive)
            let laptop = try await home.join(to: archive)
            try laptop.addPeer(liar)
            let dice = Dice(seed: 13)
            let files = [10, 5_000, 300_000].map { dice.bytes($0) }
            let hashes = files.map { ObjectHash(of: $0) }
            func object(_ bytes: [UInt8], kind: ObjectKind = .blob, type: String? = nil, count: Int) -> Change {
                .object(KnownObject(hash: ObjectHash(of: bytes), kind: kind, type: type, byteCount: count), held: true)
            }
            let (garbage, big) = (dice.bytes(100), dice.bytes(2))
            let nothing = ObjectHash(of: dice.bytes(1))
            let service = LyingService(
                name: "liar",
                feed: [
                    // Sizes of what the archive will have: too large, too small, and none at all.
                    object(files[0], count: 1 << 40), object(files[1], count: 4_999), object(files[2], count: 0),
                    object(big, count: 1 << 40), object(dice.bytes(3), count: 1 << 40),
                    // Types that are no names, and microdata that is none.
                    object(dice.bytes(4), kind: .one, type: "../../up", count: 1),
                    object(dice.bytes(5), kind: .one, type: "\u{1B}[2J", count: 1),
                    object(dice.bytes(6), kind: .one, type: "", count: 1),
                    object(garbage, kind: .one, type: "Topic", count: 100), object(garbage, kind: .id, count: 100),
                    .head(IDHash(nothing), node: ObjectHash(of: garbage)), .head(IDHash(nothing), node: nothing),
                    .head(IDHash(hashes[0]), node: hashes[0]),
                ]
            )
            service.tell(.bytes(garbage), of: ObjectHash(of: garbage))
            try await withLiar(liar, service) {
                let mount = try await laptop.mount()
                try await eventually("the lies are believed") {
                    try await home.sh("stat -c %s '\(mount.object(ObjectHash(of: big)))'").output == "\(1 << 40)\n"
                }
                for file in files { _ = try await archive.put(file, in: home) }
                let news = try await archive.put(Array("news".utf8), in: home)
                try await eventually("the laptop follows the archive") {
                    try await home.sh("cat '\(mount.object(news))'").output == "news"
                }
                for (file, hash) in zip(files, hashes) {
                    // What was told wrongly is noticed when it is read: an error, not a part; then it is right.
                    let first = try await home.sh("cat '\(mount.object(hash))'")
                    #expect(
                        first.exitCode != 0 || first.outputBytes == file,
                        "\(file.count): \(first.outputBytes.count)"
                    )
                    try await eventually("the right bytes") {
                        try await home.sh("cat '\(mount.object(hash))'").outputBytes == file
                    }
                }
                let types = try await home.sh("find '\(mount)/.iom/types' -print0").mustSucceed()
                #expect(!types.outputBytes.contains(0x1B) && !types.output.contains("up"))
                #expect(try await laptop.status().connections.count == 2, "\((try? Instance.events(in: mount)) ?? [])")
                try await laptop.stop()
                try await laptop.succeed("fsck")
                #expect(try await archive.status().connections.isEmpty)
            }
        }
    }

    /// Runs a member with this service in this process, beside the body.
    private func withLiar(
        _ instance: Instance,
        _ service: LyingService,
        _ body: () async throws -> Void
    ) async throws {
        let node = try instance.open()
        let (identity, roll) = (try node.requireIdentity(), try #require(node.roll))
        let peering = Peering(identity: identity.instanceKeys.box, timekeeper: node.time, random: node.random)
        let group = IoMGroup(membership: roll, service: service) { session in _ = await session.ended() }
        let listener = PeerListener(
            .init(port: Int(instance.port)),
            peering: peering,
            groups: [group],
            logger: Instance.quiet
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (bound, bind) = AsyncStream<Void>.makeStream()
            tasks.addTask { try await listener.run { _ in bind.finish() } }
            for await _ in bound {}
            defer { tasks.cancelAll() }
            try await body()
        }
    }

    @Test(arguments: [
        "printf X | dd bs=1 seek=100 conv=notrunc of=F", "truncate -s 100 F", "truncate -s 0 F",
        "printf X >> F", "rm F; mkfifo F", "rm F; ln -s /etc/hostname F", "rm F; mkdir F",
    ])
    func `What was damaged on the archive's disk is not given out, and is healed from a device that has it`(
        damage: String
    ) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let mount = try await laptop.mount()
            let dice = Dice(seed: 12)
            let bytes = [dice.bytes(5_000), dice.bytes(5_000)]
            let (lonely, shared) = (
                try await archive.put(bytes[0], in: home), try await archive.put(bytes[1], in: home)
            )
            try await laptop.synced(with: archive)
            #expect(try await home.sh("cat '\(mount.object(shared))'").outputBytes == bytes[1])
            for hash in [lonely, shared] {
                let file = archive.file(of: hash).string
                try await home.sh("chmod 600 \(file); " + damage.replacing("F", with: "'\(file)'")).mustSucceed()
            }
            // Nobody has the one any more.
            let outcome = try await home.sh("timeout 20 cat '\(mount.object(lonely))'")
            #expect(outcome.exitCode == 1 && outcome.outputBytes.isEmpty, "\(outcome)")
            #expect(!archive.holds(lonely) && !laptop.holds(lonely))
            let quarantine = try await home.sh("ls '\(archive.root)/quarantine'").output
            #expect(quarantine.contains(lonely.hex))
            // The laptop has the other, and keeps it.
            let healed = try await archive.succeed("get", shared.hex)
            #expect(healed.outputBytes == bytes[1])
            #expect(try await home.sh("cat '\(mount.object(shared))'").outputBytes == bytes[1])
            #expect(archive.holds(shared))
            let events = try Instance.events(in: try await archive.mount())
            for hash in [lonely, shared] {
                #expect(
                    events.contains {
                        $0["type"] as? String == "corrupt-object" && $0["source"] as? String == "archive"
                            && $0["target"] as? String == hash.hex
                    }
                )
            }
        }
    }
}

/// A member that answers with other bytes than it is asked for.
final class LyingService: IoMService {
    enum Lie: Sendable {
        case bytes([UInt8])
        /// More than any disk has.
        case endless
    }

    private let name: String
    private let lies = Mutex<[ObjectHash: Lie]>([:])
    /// What it claims to know.
    private let feed: [Change]

    init(name: String, feed: [Change] = []) { (self.name, self.feed) = (name, feed) }

    func tell(_ lie: Lie, of hash: ObjectHash) { lies.withLock { $0[hash] = lie } }

    func hello(_ theirs: Hello, from caller: IoMSession) async throws(CallFailure) -> Hello {
        Hello(name: name, role: "archive", feed: "lies")
    }

    func object(
        _ hash: ObjectHash,
        requester: String,
        for caller: IoMSession
    ) async throws(CallFailure) -> ServedObject? {
        switch lies.withLock({ $0[hash] }) {
        case .bytes(let bytes):
            ServedObject(kind: .blob, byteCount: bytes.count) { range in Array(bytes[range]) }
        case .endless:
            ServedObject(kind: .blob, byteCount: 1 << 50) { range in [UInt8](repeating: 7, count: range.count) }
        case nil: nil
        }
    }

    func held(_ hashes: [ObjectHash], for caller: IoMSession) async throws(CallFailure) -> [ObjectHash: Int] {
        Dictionary(uniqueKeysWithValues: hashes.map { ($0, 1) })
    }

    func prove(
        _ hashes: [ObjectHash],
        nonce: Nonce,
        to writer: inout PossessionWriter,
        for caller: IoMSession
    ) async throws {
        writer.begin(keepsEverything: true)
        for hash in hashes { try await writer.write(PossessionProof(of: hash.bytes, nonce: nonce)) }
    }

    func feed(after sequence: Int64, limit: Int, to writer: FeedWriter, for caller: IoMSession) async throws {
        let items = feed.enumerated().map { FeedBatch.Item(sequence: Int64($0 + 1), change: $1) }
        try await writer.send(FeedBatch(changes: items.filter { $0.sequence > sequence }))
        try await Task.sleep(for: .seconds(3_600))
    }

    func status(for caller: IoMSession) async throws(CallFailure) -> String { "{}" }

    func affirm(_ hash: ObjectHash, for caller: IoMSession) async throws(CallFailure) -> AffirmationProof {
        throw CallFailure(message: "no", code: ServiceCode.refused)
    }
}
