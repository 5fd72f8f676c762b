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
                let use = try await home.sh("du -s -B1 '\(laptop.root)' | cut -f1").output
                #expect(Int(use.trimmingCharacters(in: .whitespacesAndNewlines)).map { $0 <= 20_000_000 } == true)
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
