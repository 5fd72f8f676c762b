import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// Known bytes moved between three instances with faults in between; then every figure of every view is compared with the
/// bytes on the wire and with the file system.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct AgreementTests {
    private static let sizes = [
        ("one", 1), ("small", 5_000), ("middle", 100_000), ("large", 900_000), ("frozen", 20_000), ("cut", 700_000),
        ("lonely", 7_000), ("refused", 8_000),
    ]
    private static let read = ["one", "small", "middle", "large"]
    private static let readByteCount = 1_005_001

    @Test func `What three instances count in spite of faults is what was on the wire and what the disk says`()
        async throws
    {
        try await ThreeInstances.with { three in
            let hashes = try await three.add(Self.sizes, to: "letters")
            try await three.settle()
            var wires = (three.laptopWire, three.phoneWire)
            try await wires.0.agrees()
            try await wires.1.agrees()
            try await read(on: three)
            try await wires.0.agrees()
            try await wires.1.agrees()
            let stuckCount = try await freeze(three)
            try await wires.0.agrees()
            try await cut(three, &wires.0)
            try await shut(three)
            try await wires.0.agrees()
            try await kill(three, &wires.0)
            try await damage(try #require(hashes["lonely"]), three)
            try await revoke(three, &wires.1)
            try await evict(three)
            try await wires.0.agrees()
            try await wires.1.agrees()
            try await three.eventsAgree(stuckCount: stuckCount)
            for instance in [three.archive, three.laptop, three.phone] {
                try await instance.agreesWithDisk(in: three.home)
                try await three.viewsAgree(of: instance)
            }
        }
    }

    /// The laptop reads four files twice, the phone one of them.
    private func read(on three: ThreeInstances) async throws {
        let (laptop, phone, archive) = (three.laptop, three.phone, three.archive)
        let (before, phoneBefore, there) = (
            try await laptop.status(), try await phone.status(), try await archive.status()
        )
        for _ in 0..<2 {
            for name in Self.read { try await three.home.cat(laptop.file(name)).mustSucceed() }
            try await eventually("they are stored") {
                try await laptop.status().stats.localObjects - before.stats.localObjects == Self.read.count
            }
        }
        try await three.home.cat(phone.file("small")).mustSucceed()
        let (after, phoneAfter, thereAfter) = (
            try await laptop.status(), try await phone.status(), try await archive.status()
        )
        #expect(after.received.objects - before.received.objects == Self.read.count)
        #expect(after.received.bytes - before.received.bytes == Self.readByteCount)
        #expect(after.stats.reads.misses - before.stats.reads.misses == Self.read.count)
        #expect(after.stats.reads.hits - before.stats.reads.hits == Self.read.count)
        #expect(after.stats.localSize - before.stats.localSize == Self.readByteCount)
        #expect(after.fetched - before.fetched == Self.read.count)
        #expect(after.requests("open") - before.requests("open") == 2 * Self.read.count)
        #expect(phoneAfter.received.objects - phoneBefore.received.objects == 1)
        #expect(phoneAfter.received.bytes - phoneBefore.received.bytes == 5_000)
        #expect(thereAfter.sent.objects - there.sent.objects == Self.read.count + 1)
        #expect(thereAfter.sent.bytes - there.sent.bytes == Self.readByteCount + 5_000)
    }

    /// The archive stands still while the laptop reads; how many fetches that cost.
    private func freeze(_ three: ThreeInstances) async throws -> Int {
        let (before, there) = (try await three.laptop.status(), try await three.archive.status())
        let process = try #require(three.archive.process)
        process.signal(SIGSTOP)
        let failure = try await three.home.cat(three.laptop.file("frozen"))
        process.signal(SIGCONT)
        #expect(failure.errors.hasSuffix(": Connection timed out\n"), "\(failure.errors)")
        let after = try await three.laptop.status()
        let count = after.fetches("timed-out") - before.fetches("timed-out")
        // The kernel asks for it in parts, and again for a part it did not get.
        #expect((1...2).contains(count))
        #expect((count...2).contains(after.errors("read", "ETIMEDOUT") - before.errors("read", "ETIMEDOUT")))
        #expect(after.events("fetch-failed") - before.events("fetch-failed") == count)
        try await eventually("it reads again") {
            try await three.home.cat(three.laptop.file("frozen")).outputBytes.count == 20_000
        }
        let received = try await three.laptop.status().received.bytes - before.received.bytes
        let sent = try await three.archive.status().sent.bytes - there.sent.bytes
        // What was asked for before nobody waited any more may have been sent, and was thrown away on arrival.
        #expect(received == 20_000 && (20_000...20_000 * (1 + count)).contains(sent), "\(received) \(sent)")
        return count
    }

    /// The connection is cut while bytes are under way.
    private func cut(_ three: ThreeInstances, _ wire: inout WireAccount) async throws {
        let written = try await three.archive.connection(with: "laptop").bytesOut
        three.laptopRelay.stall(true)
        let reader = try await three.home.waitingReader(of: three.laptop.file("cut"))
        try await eventually("some of it is under way") {
            try await three.archive.connection(with: "laptop").bytesOut - written > 60_000
        }
        three.laptopRelay.cut()
        three.laptopRelay.stall(false)
        let outcome = try #require(await reader.outcome(within: .seconds(15)))
        #expect(outcome.errors.hasSuffix(": Remote I/O error\n"), "\(outcome.errors)")
        try await eventually("it reads again") {
            try await three.home.cat(three.laptop.file("cut")).outputBytes.count == 700_000
        }
        let link = try await three.laptop.connection(with: "archive")
        #expect(link.sessions == 2 && link.errors == 1)
        #expect(link.closeReason == "connection lost" && link.lastError == "connection lost")
        try await three.settle()
        try await wire.concede(atMost: 800_000)
        try await wire.agrees()
    }

    /// Nobody gets through to the archive for a while; meanwhile the laptop gets something that is nowhere else.
    private func shut(_ three: ThreeInstances) async throws {
        let laptop = three.laptop
        let before = try await laptop.connection(with: "archive")
        three.laptopRelay.cut(shut: true)
        try await eventually("the laptop notices") { try await laptop.status().connections.isEmpty }
        let hash = try await laptop.put(Dice(seed: 3).bytes(6_000), in: three.home)
        try await eventually("it is told to be only here") { try await laptop.status().stats.underReplicated == 1 }
        try await eventually("it has dialled in vain") { three.laptopRelay.refusedCount > 0 }
        three.laptopRelay.open()
        try await eventually("it is with the archive", within: .seconds(30)) {
            // Who reads what is away has the archive dialled at once.
            _ = try await three.home.cat(laptop.file("refused"))
            return try await laptop.status().stats.underReplicated == 0
        }
        #expect(three.archive.holds(hash))
        let link = try await laptop.connection(with: "archive")
        #expect(link.sessions == 3)
        #expect(link.errors - before.errors == 1 + three.laptopRelay.refusedCount)
        #expect(try await laptop.status().events("connection-failed") == three.laptopRelay.refusedCount)
        #expect(link.sent.objects - before.sent.objects == 1 && link.sent.bytes - before.sent.bytes == 6_000)
    }

    private func kill(_ three: ThreeInstances, _ wire: inout WireAccount) async throws {
        try await three.laptop.stop(SIGKILL)
        try await three.home.sh("fusermount3 -uz '\(three.laptop.mountPoint)'").mustSucceed()
        try await eventually("the archive notices") {
            try await three.archive.connection(with: "laptop").state == .closed
        }
        wire.beginProcess()
        try await three.laptop.mount()
        try await three.settle()
        try await wire.concede(atMost: 1_000)
        try await wire.agrees()
        let link = try await three.laptop.connection(with: "archive")
        #expect(link.sessions == 1 && link.errors == 0)
        #expect(try await three.archive.connection(with: "laptop").sessions == 4)
    }

    /// The bytes at the only holder are not what their name says.
    private func damage(_ hash: ObjectHash, _ three: ThreeInstances) async throws {
        let before = try await three.laptop.status()
        let file = three.archive.file(of: hash)
        let line = "chmod 600 '\(file)'; printf X | dd bs=1 seek=100 conv=notrunc status=none of='\(file)'"
        try await three.home.sh(line).mustSucceed()
        let failure = try await three.home.cat(three.laptop.file("lonely"))
        #expect(failure.errors.hasSuffix(": Remote I/O error\n"), "\(failure.errors)")
        let after = try await three.laptop.status()
        #expect((1...2).contains(after.fetches("unreachable") - before.fetches("unreachable")))
        #expect(after.received == before.received)
        let archive = try await three.archive.status()
        #expect(archive.quarantined == 1 && archive.events("corrupt-object") == 1)
    }

    private func revoke(_ three: ThreeInstances, _ wire: inout WireAccount) async throws {
        try await three.archive.succeed("revoke", "phone")
        try await eventually("the phone is told") {
            try await three.phone.connection(with: "archive").state == .refused
        }
        let failure = try await three.home.cat(three.phone.file("refused"))
        #expect(failure.errors.hasSuffix(": Permission denied\n"), "\(failure.errors)")
        let status = try await three.phone.status()
        #expect(status.fetches("refused") == status.events("fetch-failed"))
        #expect((status.fetches("refused")...2).contains(status.errors("read", "EACCES")))
        // From now on every dial is refused before it is a session.
        wire.sessionCount = 1
        try await wire.concede(atMost: 20_000)
    }

    private func evict(_ three: ThreeInstances) async throws {
        let laptop = three.laptop
        try await laptop.succeed("evict", "files/letters/one", "files/letters/large")
        // Old versions of what changed go too, by themselves.
        try await eventually("what has gone is counted") {
            let (told, events) = (try await laptop.status().stats.evictions, try await laptop.json("events"))
            let counts = events.filter { $0["type"] as? String == "evicted" }.map { event in
                let words = (event["target"] as? String ?? "").split(separator: " ")
                return (event["count"] as? Int ?? 0) * (words.count == 2 ? Int(words[0]) ?? 0 : 1)
            }
            return counts.reduce(0, +) == told.objects && told.objects >= 2 && told.bytes >= 900_001
        }
    }
}

extension Instance {
    fileprivate func file(_ name: String) -> FilePath { mountPoint.appending("files/letters/\(name)") }
}
