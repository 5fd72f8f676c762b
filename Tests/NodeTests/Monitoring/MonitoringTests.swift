import Foundation
import Node
import Objects
import SystemPackage
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What real instances tell of themselves, compared with what was done, with each other and with the disk.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct MonitoringTests {
    private static let sizes = [1, 5_000, 100_000, 900_000]

    @Test func `What was moved is counted alike by who sent it, by who got it, and by its size`() async throws {
        try await Household.with { home in
            let home = try await MonitoredHome(home)
            let (laptop, archive) = (home.laptop, home.archive)
            let hashes = try await home.put(Self.sizes)
            let before = try await laptop.status()
            for (hash, size) in zip(hashes, Self.sizes) {
                #expect(try await home.household.cat(home.mount.object(hash)).outputBytes.count == size)
            }
            let after = try await laptop.status()
            #expect(after.received.objects - before.received.objects == Self.sizes.count)
            #expect(after.received.bytes - before.received.bytes == Self.sizes.reduce(0, +))
            #expect(after.stats.reads.misses - before.stats.reads.misses == Self.sizes.count)
            #expect(after.fetched - before.fetched == Self.sizes.count)
            #expect(after.stats.reads.waits - before.stats.reads.waits >= Self.sizes.count)

            // Again: now they are here, once they are stored.
            try await eventually("they are on the disk") { hashes.allSatisfy(laptop.holds) }
            for hash in hashes { try await home.household.cat(home.mount.object(hash)).mustSucceed() }
            let again = try await laptop.status()
            #expect(again.received.objects == after.received.objects)
            #expect(again.stats.reads.hits - after.stats.reads.hits == Self.sizes.count)
            #expect(again.stats.reads.misses == after.stats.reads.misses)

            // Each side by itself has counted what the other one has.
            try await eventually("both have counted the same") {
                let (here, there) = (
                    try await laptop.connection(with: "archive"), try await archive.connection(with: "laptop")
                )
                return here.received == there.sent && here.sent == there.received && here.bytesIn == there.bytesOut
                    && here.bytesOut == there.bytesIn
            }
            let link = try await laptop.connection(with: "archive")
            #expect(link.bytesIn > link.received.bytes && link.sessions == 1 && link.errors == 0)
            #expect(link.roundTrip.map { $0 > 0 && $0 < 10 } == true)
            #expect(link.sync.behind == 0 && link.sync.lastSync != nil)
            #expect(again.received.bytes == link.received.bytes)
        }
    }

    @Test func `A large object that is read in parts counts the bytes of its parts`() async throws {
        try await Household.with { home in
            let home = try await MonitoredHome(home)
            let size = 9 << 20
            let hash = try #require(try await home.put([size]).first)
            let before = try await home.laptop.status()
            #expect(try await home.household.cat(home.mount.object(hash)).outputBytes.count == size)
            try await eventually("it is all here") { home.laptop.holds(hash) }
            let after = try await home.laptop.status()
            // And the list of its chunks.
            let moved = after.received.bytes - before.received.bytes
            #expect(moved >= size && moved < size + size / 100)
            try await eventually("both have counted the same") {
                try await home.laptop.connection(with: "archive").received
                    == home.archive.connection(with: "laptop").sent
            }
        }
    }

    @Test func `A cut connection is told with its reason, and what it cost`() async throws {
        try await Household.with { home in
            let home = try await MonitoredHome(home)
            let (laptop, archive) = (home.laptop, home.archive)
            let hashes = try await home.put([1_000, 2_000])
            try await home.household.cat(home.mount.object(hashes[0])).mustSucceed()
            let before = try await laptop.status()
            let live = try await laptop.connection(with: "archive")
            #expect(live.state == .connected && live.address == "127.0.0.1:\(archive.port)")
            try await archive.stop(SIGKILL)
            try await eventually("the laptop notices") { try await laptop.status().connections.isEmpty }
            let failure = try await home.household.cat(home.mount.object(hashes[1]))
            #expect(failure.exitCode == 1)

            let cut = try await laptop.status()
            let closed = try await laptop.connection(with: "archive")
            #expect(closed.state == .closed && closed.closeReason != nil && closed.errors >= 1)
            #expect(try #require(closed.since) >= #require(live.since))
            #expect(closed.received == live.received && closed.bytesIn >= live.bytesIn)
            #expect(cut.fetches("unreachable") - before.fetches("unreachable") >= 1)
            // The kernel asks again for a part of what it wanted.
            #expect((1...2).contains(cut.errors("read", "EREMOTEIO") - before.errors("read", "EREMOTEIO")))
            #expect(cut.instances.first { $0.name == "archive" }?.status == "offline")

            try await archive.serve()
            try await eventually("it reads again") {
                try await home.household.cat(home.mount.object(hashes[1])).exitCode == 0
            }
            let anew = try await laptop.connection(with: "archive")
            #expect(anew.state == .connected && anew.sessions == 2)
            #expect(anew.received.objects - closed.received.objects == 1)
            #expect(anew.received.bytes - closed.received.bytes == 2_000)
            // The archive counts from its new start.
            try await eventually("both have counted the same") {
                try await archive.connection(with: "laptop").sent.bytes
                    == laptop.connection(with: "archive").received.bytes - closed.received.bytes
            }
            let failed = try await laptop.events().filter { $0.type == "connection-failed" }
            #expect(failed.count <= 1, "what repeats is one event")
        }
    }

    @Test func `All views say the same, and what the disk says`() async throws {
        try await Household.with { home in
            let home = try await MonitoredHome(home)
            let (laptop, status) = (home.laptop, home.mount.appending(".iom/status"))
            for hash in try await home.put(Self.sizes + [6 << 20]) {
                try await home.household.cat(home.mount.object(hash)).mustSucceed()
            }
            _ = try await home.household.cat(home.mount.appending("no such file"))
            func text(_ name: String) throws -> String {
                try String(contentsOfFile: status.appending(name).string, encoding: .utf8)
            }
            // Whoever asks for one view after the other within a second sees one instant.
            try await eventually("the views are of one instant") {
                let all = try await laptop.succeed("status", "--json").output
                let documents = try [
                    "snapshot.json", "stats.json", "connections.json", "instances.json", "metrics.prom",
                ]
                .map(text)
                let snapshot = try JSONDecoder().decode(Snapshot.self, from: Data(all.utf8))
                guard documents[0] == all else { return false }
                let parts = [
                    try DocumentText.line(snapshot.stats), try DocumentText.line(snapshot.allConnections),
                    try DocumentText.line(snapshot.instances), Array(snapshot.metrics().utf8),
                ]
                for (part, document) in zip(parts, documents.dropFirst()) {
                    #expect(String(decoding: part, as: UTF8.self) == document)
                }
                return true
            }
            let stats = try await laptop.succeed("stats", "--json").output
            #expect(try text("stats.json") == stats)
            #expect(try await laptop.succeed("events", "--json").output == text("events.jsonl"))
            if PrometheusParser.isHere { try check(try text("metrics.prom"), try await laptop.status()) }
            try await laptop.agreesWithDisk(in: home.household)
        }
    }

    /// What counts up slowly enough is the same in metrics of a moment ago.
    private func check(_ metrics: String, _ snapshot: Snapshot) throws {
        let samples = try PrometheusParser.samples(of: metrics)
        #expect(samples["iom_transferred_bytes_total{direction=received}"] == Double(snapshot.received.bytes))
        #expect(samples["iom_reads_total{result=miss}"] == Double(snapshot.stats.reads.misses))
        #expect(samples["iom_objects{place=local}"] == Double(snapshot.stats.localObjects))
        #expect(samples["iom_peer_connected{peer=archive}"] == 1)
        #expect(samples["iom_fuse_errors_total{errno=ENOENT,kind=lookup}"].map { $0 >= 1 } == true)
    }

    @Test func `Who follows the events misses none, also while the node is started anew`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let follower = try home.start(archive.program(["events", "--follow", "--since", "0", "--json"]))
            func followed() throws -> [LoggedEvent] { try LoggedEvent.lines(follower.outputSoFar) }
            try await eventually("it has told of the past") { try followed().contains { $0.type == "registered" } }
            for round in 0..<3 {
                try await laptop.serve()
                try await eventually("it is connected") { try await !archive.status().connections.isEmpty }
                try await laptop.stop(round == 1 ? SIGKILL : SIGTERM)
                try await eventually("it is not") { try await archive.status().connections.isEmpty }
                if round == 1 {
                    try await archive.stop()
                    try await archive.serve()
                }
            }
            let all = try await archive.events()
            try await eventually("it was told of all") {
                let latest = Dictionary(try followed().map { ($0.id, $0) }) { $0.change > $1.change ? $0 : $1 }
                return all.allSatisfy { latest[$0.id] == $0 }
            }
            let changes = try followed().map(\.change)
            #expect(changes == Array(Set(changes)).sorted(), "each once, in order")
            // Three times connected, in one event a window.
            let established = all.filter { $0.type == "connection-established" }
            #expect(established.reduce(0) { $0 + $1.count } == 3 && established.count <= 2)
            #expect(follower.isRunning)
            let since = try #require(all.dropLast().last?.change)
            let rest = try await archive.succeed("events", "--json", "--since", "\(since)").output
            #expect(try LoggedEvent.lines(rest) == all.filter { $0.change > since })
        }
    }

    @Test func `Top shows the node in a terminal until q, and a snapshot a line to programs`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            #expect(try await archive.iom("top", "--json").errors.contains("no node is running"))
            try await archive.serve()
            let lines = try await archive.succeed("top", "--json", "--count", "2", "--every", "100ms").lines
            let snapshots = try lines.map { try JSONDecoder().decode(Snapshot.self, from: Data($0.utf8)) }
            #expect(snapshots.count == 2 && snapshots[0].takenAt < snapshots[1].takenAt)
            let line = "(sleep 1; printf q) | script -qec \"'\(Household.program)' top --every 200ms\" /dev/null"
            let shown = try await Program(
                executable: "sh",
                arguments: ["-c", line],
                environment: archive.program([]).environment,
                workingDirectory: home.directory
            ).run(within: .seconds(20))
            #expect(shown.exitCode == 0)
            #expect(shown.output.contains("archive (archive)") && shown.output.contains("\u{1B}[?1049h"))
            #expect(shown.output.contains("\u{1B}[?1049l"), "the screen is as before")
        }
    }
}

/// An archive and a laptop that is mounted, both of which know all there is.
private struct MonitoredHome {
    let household: Household
    let archive: Instance
    let laptop: Instance
    let mount: FilePath

    init(_ household: Household) async throws {
        self.household = household
        archive = try await household.found()
        try await archive.serve()
        laptop = try await household.join(to: archive)
        mount = try await laptop.mount()
        try await laptop.synced(with: archive)
    }

    /// Objects of these sizes that are on the archive and that the laptop has heard of.
    func put(_ sizes: [Int]) async throws -> [ObjectHash] {
        let dice = Dice(seed: UInt64(sizes.reduce(7, +)))
        var hashes: [ObjectHash] = []
        for size in sizes { hashes.append(try await archive.put(dice.bytes(size), in: household)) }
        try await laptop.synced(with: archive)
        return hashes
    }
}

extension Instance {
    fileprivate func events() async throws -> [LoggedEvent] {
        try LoggedEvent.lines(try await succeed("events", "--json").output)
    }
}
