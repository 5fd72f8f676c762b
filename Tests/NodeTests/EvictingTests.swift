import Catalog
import Foundation
import Objects
import SystemPackage
import Testing
import Views

@testable import Node

/// Bytes that leave a device, while an archive has them.
@Suite(.serialized, .timeLimit(.minutes(5))) struct EvictingTests {
    /// Runs the node of an instance in this process beside the body, connected to so many others.
    static func running(_ instance: Instance, connections: Int = 1, _ body: (Node) async throws -> Void) async throws {
        let node = try instance.open()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await node.runConnections() }
            defer { tasks.cancelAll() }
            try await eventually("\(instance.name) is connected") { node.links.sessions.count == connections }
            try await body(node)
        }
    }

    /// Stores bytes as if the owner had put them here.
    private func put(_ bytes: [UInt8], _ node: Node) throws -> ObjectHash { try node.author.putBlobs([bytes])[0].hash }

    private func isAt(_ archive: Instance, _ hash: ObjectHash) async throws {
        try await eventually("the archive has it") { archive.holds(hash) }
    }

    @Test func `What the archive proves to have goes, stays known and comes back; the last copy stays`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let dice = Dice(seed: 21)
            try await Self.running(laptop) { node in
                let (small, large) = (try put(dice.bytes(3_000), node), try put(dice.bytes(20_000_000), node))
                try await isAt(archive, small)
                try await isAt(archive, large)
                let rehearsal = try await node.evicting.evict([small], reason: "test", isRehearsal: true)
                #expect(rehearsal[small]?.isEvicted == true && laptop.holds(small))
                let absent = ObjectHash(of: [9])
                let verdicts = try await node.evicting.evict([small, large, absent, small], reason: "test")
                for (hash, byteCount) in [(small, 3_000), (large, 20_000_000)] {
                    if case .evicted(byteCount, "archive", _)? = verdicts[hash] {
                    } else {
                        Issue.record("\(String(describing: verdicts[hash]))")
                    }
                    #expect(!laptop.holds(hash))
                    let known = try #require(try node.catalog.known(hash))
                    #expect(!known.held && known.object.byteCount == byteCount)
                    #expect(try node.catalog.confirmations(of: [hash])[hash]?.map(\.instance) == ["archive"])
                    #expect(try await node.reader.bytes(of: hash).count == byteCount)
                }
                #expect(verdicts[absent] == .notLocal)
                let events = try node.catalog.events(last: 100).filter { $0.type == "evicted" }
                #expect(events.count == 1 && events[0].details.contains("test: 20.0 MB, which archive has"))
                // What nobody else has: the archive is told that it exists, and its file is taken away.
                let last = try put(dice.bytes(3_000), node)
                try await isAt(archive, last)
                try FileManager.default.removeItem(atPath: archive.file(of: last).string)
                let refused = try await node.evicting.evict([last], reason: "test")
                #expect(refused == [last: .noHolder(.missing(at: ["archive"]))] && laptop.holds(last))
            }
        }
    }

    @Test func `A holder whose bytes are wrong proves nothing, and the device keeps its copy`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await Self.running(laptop) { node in
                let hash = try put(Dice(seed: 22).bytes(3_000), node)
                try await isAt(archive, hash)
                // A flipped bit that changes no size and no time.
                let file = archive.file(of: hash)
                let line = """
                    chmod 600 F; touch -r F stamp; printf X | dd bs=1 seek=100 conv=notrunc of=F; touch -r stamp F
                    """
                try await home.sh(line.replacing("F", with: "'\(file)'")).mustSucceed()
                let verdicts = try await node.evicting.evict([hash], reason: "test")
                #expect(verdicts[hash]?.isEvicted == false && laptop.holds(hash))
            }
        }
    }

    @Test func `A pin keeps an object, by its hash, its path and a folder above`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let folder = try home.folder("things")
            try home.write(Dice(seed: 23).bytes(3_000), to: folder.appending("a.bin"))
            try await archive.succeed("add", folder.string)
            let laptop = try await home.join(to: archive)
            let hash = ObjectHash(of: Dice(seed: 23).bytes(3_000))
            try await Self.running(laptop) { node in
                try await eventually("the file is known") { try node.catalog.known(hash) != nil }
                _ = try await node.fetcher.fetch(hash)
                try await eventually("it is in the tree") { try !node.catalog.paths(of: hash).isEmpty }
                let path = try node.catalog.paths(of: hash)[0]
                #expect(path.hasSuffix("things/a.bin") && path.hasPrefix("files"))
                let walk = TreeWalk(view: node.view())
                let targets =
                    [(PinTarget.object(hash), hash.hex)]
                    + (try [path, "files"].map { (PinTarget.entry(try walk.entry(at: $0)), $0) })
                for (target, pin) in targets {
                    try node.pins.set(true, target)
                    #expect(try await node.evicting.evict([hash], reason: "test") == [hash: .pinned(by: pin)])
                    try node.pins.set(false, target)
                }
                #expect(try await node.evicting.evict([hash], reason: "test")[hash]?.isEvicted == true)
            }
        }
    }

    @Test func `An archive drops nothing, nor for a day after it was made a cache; nobody can be asked in its place`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            let laptop = try await withServed(archive) { try await home.join(to: archive) }
            var hash = ObjectHash(of: [])
            try await withServed(archive) {
                try await Self.running(laptop) { node in
                    hash = try put(Dice(seed: 24).bytes(3_000), node)
                    try await isAt(archive, hash)
                    _ = try await node.evicting.evict([hash], reason: "test", isRehearsal: true)
                }
            }
            #expect(try await archive.open().evicting.evict([hash], reason: "test") == [hash: .kept])
            try archive.configure("instance", "role = \"cache\"")
            let verdict = try await archive.open().evicting.evict([hash], reason: "test")[hash]
            var hours = 0.0
            if case .promised(let until)? = verdict {
                hours = Double(until.nanoseconds - SystemTime().now.nanoseconds) / 3.6e12
            }
            #expect(hours > 23.9 && hours < 24.2, "\(String(describing: verdict))")
            #expect(archive.holds(hash))
            // It vouches for nothing any more.
            try await withServed(archive) {
                try await Self.running(laptop) { node in
                    let other = try put(Dice(seed: 25).bytes(3_000), node)
                    let verdicts = try await node.evicting.evict([other], reason: "test")
                    #expect(verdicts == [other: .noHolder(.noKeeper)])
                }
            }
        }
    }

    private func withServed<Result>(_ instance: Instance, _ body: () async throws -> Result) async throws -> Result {
        try await instance.serve()
        let result = try await body()
        try await instance.stop()
        return result
    }
}
