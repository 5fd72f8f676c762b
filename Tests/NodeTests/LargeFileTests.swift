import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// Files of many chunks: what goes over the wire, and what survives what.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct LargeFileTests {
    private static let byteCount = 24 << 20

    private func with(
        _ bytes: [UInt8],
        _ body: (Household, _ archive: Instance, _ laptop: Instance, _ file: FilePath, ObjectHash) async throws -> Void
    ) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let source = home.directory.appending("video.bin")
            try home.write(bytes, to: source)
            try await archive.succeed("add", source.string)
            let file = try await laptop.mount().appending("files/video.bin")
            try await eventually("the laptop knows the file") { FileManager.default.fileExists(atPath: file.string) }
            try await body(home, archive, laptop, file, ObjectHash(of: bytes))
        }
    }

    private func sent(by instance: Instance) async throws -> Int { try await instance.status().sent.bytes }

    @Test func `Head and tail cost a few chunks, the rest comes when it is read, and all of it once`() async throws {
        let bytes = Dice(seed: 4).bytes(Self.byteCount)
        try await with(bytes) { home, archive, laptop, file, hash in
            let before = try await sent(by: archive)
            #expect(try await home.sh("head -c 4096 '\(file)'").outputBytes == Array(bytes.prefix(4096)))
            #expect(try await sent(by: archive) - before < 1 << 20)
            #expect(try await home.sh("tail -c 4096 '\(file)'").outputBytes == Array(bytes.suffix(4096)))
            #expect(try await sent(by: archive) - before < 2 << 20)
            #expect(!laptop.holds(hash))
            let local = try await home.sh("getfattr --only-values -n user.iom.local '\(file)'").output
            #expect(["1%", "2%", "3%", "4%", "5%", "6%"].contains(local), "\(local)")
            let blocks = try await home.sh("stat -c %b '\(file)'").output
            #expect((Int(blocks.trimmingCharacters(in: .newlines)) ?? 0) > 100, "\(blocks)")
            #expect(try await home.sh("sha256sum < '\(file)'").output.hasPrefix(hash.hex))
            try await eventually("it is an object") { laptop.holds(hash) }
            #expect(try await sent(by: archive) - before < bytes.count + (1 << 20))
            try await laptop.stop()
            try await laptop.succeed("fsck")
            #expect(try await home.sh("ls '\(laptop.root)/partial'").output == "")
        }
    }

    @Test func `Random reads of many programs at once are right`() async throws {
        let bytes = Dice(seed: 5).bytes(Self.byteCount)
        try await with(bytes) { home, archive, laptop, file, hash in
            let before = try await sent(by: archive)
            let source = home.directory.appending("video.bin")
            let script = { (path: FilePath) in
                "seq 64 | xargs -P 16 -I{} sh -c 'dd if=\"\(path)\" bs=4096 skip=$(( ({} * 7919) % 6144 )) count=3 "
                    + "status=none | sha256sum | sed \"s/^/{} /\"' | sort -n"
            }
            let expected = try await home.sh(script(source)).mustSucceed().output
            #expect(try await home.sh(script(file)).mustSucceed().output == expected)
            #expect(try await sent(by: archive) - before <= bytes.count + (1 << 20))
        }
    }

    @Test func `A fetch goes on after kill -9 of either side`() async throws {
        let bytes = Dice(seed: 6).bytes(Self.byteCount)
        try await with(bytes) { home, archive, laptop, file, hash in
            _ = try await home.sh("head -c 6000000 '\(file)'").mustSucceed()
            // What is here is written down within a second or two.
            let map = laptop.root.appending("partial/\(hash.hex).map")
            try await eventually("the map is there") { FileManager.default.fileExists(atPath: map.string) }
            try await laptop.stop(SIGKILL)
            try await home.sh("fusermount3 -uz '\(file.removingLastComponent().removingLastComponent())'").mustSucceed()
            try await archive.stop(SIGKILL)
            try await archive.serve()
            try await laptop.serve()
            try await eventually("they are connected") { try await !laptop.status().connections.isEmpty }
            try await laptop.succeed("fetch", "files/video.bin")
            #expect(laptop.holds(hash))
            #expect(try await sent(by: archive) < bytes.count - 4_000_000)
            try await laptop.stop()
            try await laptop.succeed("fsck")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: Household.tools.appending("chaos.py").string)))
    func `Connections that are cut again and again bring all of it in the end`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let bytes = Dice(seed: 9).bytes(12 << 20)
            let hash = try await archive.put(bytes, in: home)
            // Each connection carries 3 MB and is reset.
            let proxy = try home.instance("proxy").port
            let tool = Household.tools.appending("chaos.py").string
            let options = ["--cut-after", "3000000", "--rst", "--dir", "down", "--max-s", "120"]
            let chaos = try home.start(
                Program(executable: "python3", arguments: [tool, "\(proxy)", "\(archive.port)"] + options)
            )
            let path = laptop.root.appending("iom.toml").string
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try text.replacingOccurrences(of: ":\(archive.port)", with: ":\(proxy)")
                .write(toFile: path, atomically: false, encoding: .utf8)
            try await laptop.serve()
            // No connection carries all of it: what one has brought is there for the next.
            try await eventually("all of it is here", within: .seconds(60)) {
                _ = try await laptop.iom("fetch", hash.hex)
                return laptop.holds(hash)
            }
            try await laptop.stop()
            try await laptop.succeed("fsck")
            await chaos.end(SIGTERM)
        }
    }

    @Test func `An archive makes lists of what it has before anybody asks`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let hash = try await archive.put(Dice(seed: 10).bytes(3 << 20), in: home)
            let list = archive.root.appending("chunks/\(hash.hex.prefix(2))/\(hash.hex)")
            try await eventually("the list is there", within: .seconds(30)) {
                FileManager.default.fileExists(atPath: list.string)
            }
            try await archive.stop()
            try await archive.succeed("fsck")
        }
    }

    @Test func `An edited file transfers its difference`() async throws {
        var bytes = Dice(seed: 7).bytes(Self.byteCount)
        try await with(bytes) { home, archive, laptop, file, hash in
            try await laptop.succeed("fetch", "files/video.bin")
            bytes.replaceSubrange(9_000_000..<9_000_010, with: Array("an edit that is longer".utf8))
            bytes += Dice(seed: 8).bytes(100_000)
            let source = home.directory.appending("video.bin")
            try home.write(bytes, to: source)
            let before = try await sent(by: archive)
            try await archive.succeed("add", source.string)
            try await eventually("the laptop knows") {
                try await home.sh("stat -c %s '\(file)'").output == "\(bytes.count)\n"
            }
            try await laptop.succeed("fetch", "files/video.bin")
            #expect(laptop.holds(ObjectHash(of: bytes)))
            #expect(try await sent(by: archive) - before < 2 << 20)
            #expect(try await home.sh("cmp '\(file)' '\(source)'").exitCode == 0)
        }
    }
}
