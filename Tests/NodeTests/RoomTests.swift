import Foundation
import Glibc
import Objects
import SystemPackage
import Testing

@testable import Node

/// A small device in use: its quota holds, what goes comes back when it is read, and nobody sees a difference in the tree.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct RoomTests {
    @Test func `Under random use the quota holds, and pressure is told when it rises and falls`() async throws {
        try await withLaptop(quota: 20_000_000) { home, archive, laptop, mount in
            var objects: [(hash: ObjectHash, bytes: [UInt8])] = []
            for number in 0..<70 {
                let bytes = Dice(seed: UInt64(number)).bytes(200_000 + number * 7_000)
                objects.append((try await archive.put(bytes, in: home), bytes))
            }
            try await laptop.synced(with: archive)
            var dice = Dice(seed: 77)
            for turn in 0..<150 {
                let (hash, bytes) = objects[turn < 70 ? turn : Int.random(in: 0..<70, using: &dice)]
                #expect(try await home.sh("cat '\(mount.object(hash))'").outputBytes == bytes)
                #expect(try await home.use(of: laptop) <= 20_000_000)
            }
            let events = try Instance.events(in: mount)
            #expect(events.contains { $0["type"] as? String == "evicted" })
            let levels = events.filter { $0["type"] as? String == "pressure" }.compactMap { $0["target"] as? String }
            #expect(levels.contains("full") && levels.contains("critical"))
            // It goes up and down with what is read, not with every object.
            #expect(levels.count < 60)
            #expect(objects.contains { laptop.holds($0.hash) } && !objects.allSatisfy { laptop.holds($0.hash) })
        }
    }

    @Test func `What was replaced goes, what is shown stays`() async throws {
        try await withLaptop(quota: 100_000_000) { home, archive, laptop, mount in
            let (old, new, other) = (Dice(seed: 1).bytes(9_000), Dice(seed: 2).bytes(9_000), Dice(seed: 3).bytes(9_000))
            let folder = try home.folder("letters")
            try home.write(old, to: folder.appending("a.txt"))
            try home.write(other, to: folder.appending("b.txt"))
            try await archive.succeed("add", folder.string, "--to", "letters")
            try await laptop.synced(with: archive)
            try await home.sh("find '\(mount)/files' -type f -exec cat {} +").mustSucceed()
            try await eventually("both are kept") {
                laptop.holds(ObjectHash(of: old)) && laptop.holds(ObjectHash(of: other))
            }
            try home.write(new, to: folder.appending("a.txt"))
            try await archive.succeed("add", folder.string, "--to", "letters")
            try await eventually("the new letter", within: .seconds(20)) {
                try await home.sh("find '\(mount)/files' -name a.txt -exec cat {} +").outputBytes == new
            }
            try await laptop.stop()
            try await laptop.mount()
            try await eventually("the old letter to go", within: .seconds(30)) {
                !laptop.holds(ObjectHash(of: old))
            }
            try await eventually("the new one is kept") { laptop.holds(ObjectHash(of: new)) }
            #expect(laptop.holds(ObjectHash(of: other)))
            #expect(try await home.sh("cat '\(mount.object(ObjectHash(of: old)))'").outputBytes == old)
        }
    }

    @Test(.enabled(if: Previews.program != nil))
    func `An image leaves a smaller one behind, and comes back when it is read`() async throws {
        try await withLaptop(quota: 20_000_000) { home, archive, laptop, mount in
            var images: [(hash: ObjectHash, bytes: [UInt8])] = []
            for seed in 0..<24 {
                let noise = Dice(seed: UInt64(seed)).bytes(1 << 20)
                // What is behind the end of an image is nobody's business, and makes it large.
                let bytes = Picture(width: 1600, height: 900, seed: UInt64(seed)).png() + noise
                images.append((try await archive.put(bytes, in: home), bytes))
            }
            try await laptop.synced(with: archive)
            for image in images { try await home.sh("cat '\(mount.object(image.hash))' | wc -c").mustSucceed() }
            let previews = mount.appending(".iom/previews")
            try await eventually("a preview", within: .seconds(60)) {
                try await !home.sh("ls '\(previews)'").lines.isEmpty
            }
            let name = try #require(try await home.sh("ls '\(previews)'").lines.first)
            let hash = try #require(ObjectHash(hex: name.dropLast(4)))
            let preview = try await home.sh("cat '\(previews)/\(name)'").outputBytes
            let frame = try #require(JPEGFrame(preview))
            #expect(frame.width == Previews.edgeMax && frame.height < Previews.edgeMax)
            let size = try await home.sh("stat -c %s '\(previews)/\(name)'").output
            #expect(size.trimmingCharacters(in: .whitespacesAndNewlines) == "\(preview.count)")
            try await eventually("an original to go", within: .seconds(60)) {
                images.contains { !laptop.holds($0.hash) }
            }
            let original = try #require(images.first { $0.hash == hash })
            #expect(try await home.sh("cat '\(mount.object(hash))'").outputBytes == original.bytes)
        }
    }

    @Test func `Where vipsthumbnail is not installed, that is said, and images stay as they are`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try laptop.configure("storage", "max_storage = \"20MB\"")
            laptop.export("PATH", "/nonexistent")
            let mount = try await laptop.mount()
            let log = "no smaller renditions of images are made: \(Previews.absence)"
            try await eventually("the log says so") { laptop.process?.errorsSoFar.contains(log) == true }
            var previews = try await laptop.status().storage.previews
            #expect(previews?.isPossible == false && previews?.byteCount == nil)
            #expect(try await laptop.succeed("status").output.contains("none are made: \(Previews.absence)\n"))
            #expect(try await archive.status().storage.previews == nil)
            for seed in 0..<24 {
                let picture = Picture(width: 160, height: 90, seed: UInt64(seed)).png()
                let hash = try await archive.put(picture + Dice(seed: UInt64(seed)).bytes(1 << 20), in: home)
                try await eventually("it is known") { try await laptop.iom("why", hash.hex).exitCode == 0 }
                try await home.sh("cat '\(mount.object(hash))' | wc -c").mustSucceed()
            }
            let words = "images stay as large as they are: \(Previews.absence)"
            try await eventually("an event says so", within: .seconds(30)) {
                try Instance.events(in: mount).contains { $0["details"] as? String == words }
            }
            previews = try await laptop.status().storage.previews
            #expect(previews?.byteCount == nil)
            #expect(laptop.process?.errorsSoFar.components(separatedBy: log).count == 2)
        }
    }

    @Test func `Evict without paths tells what would go first, changes nothing by that, and lets just that go`()
        async throws
    {
        try await withLaptop(quota: 20_000_000) { home, archive, laptop, mount in
            var objects: [ObjectHash] = []
            for number in 0..<12 {
                objects.append(
                    try await archive.put(Dice(seed: UInt64(number)).bytes(1_300_000 + number), in: home)
                )
            }
            try await laptop.synced(with: archive)
            var pressure = try await laptop.status().storage.pressure
            let pinned = objects[1]
            try await laptop.succeed("pin", pinned.hex)
            var count = 0
            while pressure.level == "normal", count < objects.count {
                try await home.sh("cat '\(mount.object(objects[count]))' | wc -c").mustSucceed()
                count += 1
                try await eventually("it is kept") { objects.prefix(count).allSatisfy(laptop.holds) }
                pressure = try await laptop.status().storage.pressure
            }
            objects.removeLast(objects.count - count)
            #expect(count > 3 && pressure.level == "warning" && pressure.percentage < 80, "\(pressure)")
            #expect(pressure.goes == "old versions go, and what was not used for 60 days")
            try await eventually("an event says so") {
                try Instance.events(in: mount).contains { $0["target"] as? String == "warning" }
            }
            func told(_ arguments: String...) async throws -> [String] {
                try await laptop.run(["evict", "--json"] + arguments).mustSucceed().lines
            }
            let rehearsal = try await told("--dry-run")
            #expect(!rehearsal.isEmpty && objects.allSatisfy(laptop.holds))
            #expect(
                rehearsal.contains { $0.contains(objects[0].hex) } && !rehearsal.contains { $0.contains(pinned.hex) }
            )
            let words = try await laptop.succeed("evict", "--dry-run", "--explain").output
            #expect(words.contains(" that no folder shows: would free "), "\(words)")
            #expect(words.contains("; used least; archive has them (verified 2"), "\(words)")

            func hashes(_ lines: [String]) -> [String?] {
                lines.map { line in
                    let json = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    return json?["hash"] as? String
                }
            }
            #expect(hashes(try await told("--dry-run")) == hashes(rehearsal))
            #expect(hashes(try await told()) == hashes(rehearsal))
            for hash in objects { #expect(laptop.holds(hash) != hashes(rehearsal).contains(hash.hex)) }
            #expect(try await laptop.status().storage.pressure.level == "normal")
            try await eventually("an event says that it is over") {
                let levels = try Instance.events(in: mount).filter { $0["type"] as? String == "pressure" }
                return levels.compactMap { $0["target"] as? String }.last == "normal"
            }
            #expect(try await laptop.succeed("evict").output.hasPrefix("nothing has to go: "))
            #expect(try await archive.iom("evict").exitCode == 1)

            // Nobody is left to ask.
            try await archive.stop()
            try laptop.configure("storage", "max_storage = \"9MB\"")
            try await eventually("that counts") { try await laptop.status().storage.total == 9_000_000 }
            let alone = try await laptop.iom("evict")
            #expect(alone.exitCode == 1 || alone.exitCode == 3, "\(alone)")
            #expect(alone.errors.contains("no device that keeps everything can be asked"), "\(alone)")
        }
    }

    @Test func `Parts of what was read in part make room for others`() async throws {
        try await withLaptop(quota: 20_000_000) { home, archive, laptop, mount in
            var hashes: [ObjectHash] = []
            for number in 0..<60 {
                hashes.append(try await archive.put(Dice(seed: UInt64(number)).bytes(5_000_000), in: home))
            }
            try await laptop.synced(with: archive)
            func keepsPart(of hash: ObjectHash) async throws -> Bool {
                try await home.sh("head -c 1500000 '\(mount.object(hash))' | wc -c").mustSucceed()
                #expect(try await home.use(of: laptop) <= 20_000_000)
                let part = try await home.sh("du -B1 '\(laptop.root)/partial/\(hash.hex)' | cut -f1").output
                return Int(part.trimmingCharacters(in: .whitespacesAndNewlines)).map { $0 >= 1_000_000 } ?? false
            }
            for hash in hashes.prefix(30) { _ = try await keepsPart(of: hash) }
            // What came first has made room for what was never read before.
            var others = hashes.dropFirst(30)
            try await eventually("a part is kept", within: .seconds(30)) {
                guard let hash = others.popFirst() else { return false }
                return try await keepsPart(of: hash)
            }
        }
    }

    @Test func `Where nothing is to be kept of what is read, it is not`() async throws {
        try await withLaptop(quota: 100_000_000, "cache_strategy = \"never\"") { home, archive, laptop, mount in
            let bytes = [Dice(seed: 1).bytes(30_000), Dice(seed: 2).bytes(6_000_000)]
            for bytes in bytes {
                let hash = try await archive.put(bytes, in: home)
                try await laptop.synced(with: archive)
                #expect(try await home.sh("cat '\(mount.object(hash))'").outputBytes == bytes)
                #expect(!laptop.holds(hash))
                try await laptop.succeed("fetch", hash.hex)
                #expect(laptop.holds(hash))
            }
        }
    }

    /// An archive that is served, and a laptop with a quota that is mounted.
    private func withLaptop(
        quota: Int,
        _ lines: String...,
        body: (Household, Instance, Instance, FilePath) async throws -> Void
    ) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let text = (["max_storage = \"\(quota)B\""] + lines).joined(separator: "\n")
            try laptop.configure("storage", text)
            try await body(home, archive, laptop, laptop.mount())
        }
    }
}
