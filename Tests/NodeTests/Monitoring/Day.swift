import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// A day of an archive and a laptop behind a relay: what is done by chance, and a record of what has happened by it.
struct Day {
    /// Counts by type of event.
    private struct Sides {
        var archive: [String: Int]
        var laptop: [String: Int]
    }

    private let home: Household
    private let archive: Instance
    private let laptop: Instance
    private let relay: Relay
    private var dice: Dice
    private var following: (archive: FollowedEvents, laptop: FollowedEvents)
    /// What has to be told, by type.
    private var record: Sides
    /// Files nobody has read yet.
    private var unread: [String]
    private var read: [String] = []
    private var hashes: [String: ObjectHash] = [:]
    private var deviceCount = 0
    private var putCount = 0
    private var evictedCount = 0
    private var freezeCount = 0
    /// What was done, for who looks for a mistake.
    private var log: [String] = []

    init(in home: Household, seed: UInt64) async throws {
        (self.home, dice) = (home, Dice(seed: seed))
        archive = try await home.found()
        try await archive.serve()
        laptop = try await home.join(to: archive)
        relay = try home.relay(to: archive)
        try laptop.redirect(to: relay, from: archive)
        try laptop.configure("mount", "fetch_deadline = \"2s\"")
        unread = (0..<40).map { "\($0).bin" }
        let source = try home.folder("files")
        for name in unread {
            let bytes = dice.bytes(Int.random(in: 1...9_000, using: &dice) + 100)
            hashes[name] = ObjectHash(of: bytes)
            try home.write(bytes, to: source.appending(name))
        }
        try await archive.succeed("add", source.string)
        try await laptop.mount()
        try await Self.settle(archive, laptop)
        following = (try FollowedEvents(of: archive, in: home), try FollowedEvents(of: laptop, in: home))
        record = Sides(archive: try await archive.eventCounts(), laptop: try await laptop.eventCounts())
    }

    private static func settle(_ archive: Instance, _ laptop: Instance) async throws {
        try await eventually("both know all", within: .seconds(30), pause: .milliseconds(20)) {
            for instance in [archive, laptop] {
                let status = try await instance.status()
                guard status.connections.count == 1, status.connections.allSatisfy({ $0.sync.behind == 0 }),
                    status.events("object-received") == status.received.objects,
                    status.events("object-sent") == status.sent.objects
                else { return false }
            }
            return true
        }
    }

    // MARK: What is done

    enum Doing: CaseIterable {
        case cut, shut, read, readMore, put, freeze, damage, evict, register, restart, kill, follow
    }

    mutating func `do`(_ doing: Doing) async throws {
        log.append("\(doing)")
        switch doing {
        case .cut: try await cut()
        case .shut: try await shut()
        case .read, .readMore: try await readSome()
        case .put: try await put()
        case .freeze: try await freeze()
        case .damage: try await damage()
        case .evict: try await evict()
        case .register: try await register()
        case .restart: try await restart(SIGTERM)
        case .kill: try await restart(SIGKILL)
        case .follow: try await following.laptop.restart()
        }
        try await Self.settle(archive, laptop)
        if Bool.random(using: &dice) { try await following.archive.restart() }
    }

    /// Both lose a session, and have another one.
    private mutating func lost() {
        record.archive["connection-closed failed", default: 0] += 1
        record.laptop["connection-closed failed", default: 0] += 1
        connected()
    }

    private mutating func connected() {
        record.archive["connection-established", default: 0] += 1
        record.laptop["connection-established", default: 0] += 1
    }

    private mutating func cut() async throws {
        let count = try await laptop.connection(with: "archive").sessions
        relay.cut()
        try await eventually("connected again", within: .seconds(30)) {
            try await laptop.connection(with: "archive").sessions == count + 1
        }
        lost()
    }

    private mutating func shut() async throws {
        let refused = relay.refusedCount
        relay.cut(shut: true)
        try await eventually("it has dialled in vain") { relay.refusedCount > refused }
        relay.open()
        lost()
        try await eventually("connected again", within: .seconds(40)) {
            // Whoever needs another device has it dialled.
            try await laptop.iom("fetch", hashes[unread[0]]?.hex ?? "").exitCode == 0
        }
        unread.removeFirst()
        record.laptop["connection-failed failed", default: 0] += relay.refusedCount - refused
    }

    private mutating func readSome() async throws {
        for _ in 0..<Int.random(in: 1...4, using: &dice) where unread.count > 4 {
            let name = unread.removeFirst()
            try await home.cat(laptop.mountPoint.appending("files/files/\(name)")).mustSucceed()
            read.append(name)
        }
    }

    private mutating func put() async throws {
        let hash = try await laptop.put(dice.bytes(3_000), in: home)
        putCount += 1
        try await eventually("the archive has it") { archive.holds(hash) }
    }

    /// The archive stands still while somebody reads.
    private mutating func freeze() async throws {
        let process = try #require(archive.process)
        let name = unread[0]
        let before = try await laptop.status().fetches("timed-out")
        process.signal(SIGSTOP)
        let failure = try await home.cat(laptop.mountPoint.appending("files/files/\(name)"))
        process.signal(SIGCONT)
        #expect(failure.exitCode == 1)
        freezeCount += 1
        record.laptop["fetch-failed failed", default: 0] += try await laptop.status().fetches("timed-out") - before
    }

    private mutating func damage() async throws {
        let file = archive.file(of: try #require(hashes[unread.removeFirst()]))
        try await home.sh("chmod 600 '\(file)' && printf X >> '\(file)'").mustSucceed()
        #expect(try await archive.iom("get", String(file.string.suffix(64))).exitCode == 1)
        record.archive["corrupt-object failed", default: 0] += 1
    }

    private mutating func evict() async throws {
        guard let name = read.popLast() else { return }
        try await laptop.succeed("evict", "files/files/\(name)")
        evictedCount += 1
    }

    /// A further device comes, and is lost.
    private mutating func register() async throws {
        deviceCount += 1
        let device = try await home.join(name: "tablet \(deviceCount)", to: archive)
        try await archive.succeed("revoke", device.name)
        record.archive["registered", default: 0] += 1
        record.archive["revoked", default: 0] += 1
        record.laptop["revoked", default: 0] += 1
        let laptop = laptop
        try await eventually("the laptop knows") {
            try await laptop.json("peers").contains {
                $0["name"] as? String == device.name && $0["status"] as? String == "revoked"
            }
        }
    }

    private mutating func restart(_ signal: Int32) async throws {
        let (archive, laptop) = (archive, laptop)
        try await laptop.stop(signal)
        if signal == SIGKILL { try await home.sh("fusermount3 -uz '\(laptop.mountPoint)'").mustSucceed() }
        try await eventually("the archive notices") {
            try await archive.connection(with: "laptop").state == .closed
        }
        record.archive[signal == SIGKILL ? "connection-closed failed" : "connection-closed", default: 0] += 1
        if signal != SIGKILL { record.laptop["connection-closed", default: 0] += 1 }
        try await laptop.mount()
        connected()
    }

    // MARK: What was told

    func check() async throws {
        for followed in [following.archive, following.laptop] {
            try await eventually("all is told") { try await followed.isUpToDate() }
            try followed.checkOrder()
        }
        let told = Sides(archive: try following.archive.counts, laptop: try following.laptop.counts)
        // What drops out of history by itself, what is caught up with, and how many objects a registration is made of
        // on both sides is not in the record.
        let open: Set = ["object-received", "object-sent", "evicted", "sync-completed"]
        compare("laptop", told.laptop, record.laptop, except: open)
        compare("archive", told.archive, record.archive, except: open)
        func more(_ type: String, at side: KeyPath<Sides, [String: Int]>) -> Int {
            told[keyPath: side][type, default: 0] - record[keyPath: side][type, default: 0]
        }
        let gone = Self.evictedObjectCount(try following.laptop.events)
        #expect(gone >= evictedCount, "\(log)")
        // Each side tells of the same objects by itself; what was sent to a reader who had given up was thrown away.
        let (came, sent) = (more("object-received", at: \.laptop), more("object-sent", at: \.archive))
        #expect(came >= read.count + evictedCount, "\(log)")
        #expect((came...came + freezeCount).contains(sent), "\(sent) sent, \(came) received: \(log)")
        let given = more("object-sent", at: \.laptop)
        #expect(given >= putCount && given == more("object-received", at: \.archive), "\(log)")
        let sessionCount = told.laptop["connection-established", default: 0]
        for told in [told.archive, told.laptop] {
            #expect(told["sync-completed", default: 0] <= sessionCount, "\(log)")
        }
    }

    private func compare(_ name: String, _ told: [String: Int], _ done: [String: Int], except open: Set<String>) {
        for type in Set(told.keys).union(done.keys).subtracting(open) {
            let (told, done) = (told[type, default: 0], done[type, default: 0])
            #expect(told == done, "\(name): \(type) was told of \(told) times, and happened \(done) times: \(log)")
        }
    }

    /// An event tells of one object by its hash, of more by how many they are.
    private static func evictedObjectCount(_ events: [LoggedEvent]) -> Int {
        events.filter { $0.type == "evicted" }.reduce(0) { sum, event in
            let words = (event.target ?? "").split(separator: " ")
            return sum + event.count * (words.count == 2 ? Int(words[0]) ?? 0 : 1)
        }
    }
}
