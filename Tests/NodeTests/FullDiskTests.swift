import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// A disk without room: nothing is lost, what is there can be read, and room is enough to go on.
@Suite(.serialized, .enabled(if: Household.canMount && geteuid() == 0), .timeLimit(.minutes(1)))
struct FullDiskTests {
    private static let sentence = "iom: the disk is full: nothing was changed; make room and try again\n"

    @Test func `A put is refused in one sentence, reading goes on, and room is enough`() async throws {
        try await Household.with { home in
            let archive = try home.instance("archive")
            try await onSmallDisk([archive], in: home) { disk in
                try await archive.succeed("init", "--name", "archive", "--owner", "Mira", "--email", "m@x.invalid")
                try await archive.serve()
                let dice = Dice(seed: 6)
                let bytes = dice.bytes(100_000)
                let old = try await archive.put(bytes, in: home)
                // Too large for an empty disk, and for a full one any.
                for byteCount in [8_000_000, 0, 60_000] {
                    if byteCount == 0 { try await fill(disk[0], home) }
                    let path = home.directory.appending("new")
                    try home.write(dice.bytes(max(1, byteCount)), to: path)
                    let outcome = try await archive.iom("put", path.string)
                    #expect(outcome.exitCode == 1 && outcome.errors == Self.sentence && outcome.output.isEmpty)
                    #expect(try await archive.iom("add", path.string).errors == Self.sentence)
                    #expect(try await home.sh("find '\(archive.root)/incoming' -size +0 -type f").output.isEmpty)
                }
                #expect(try await archive.succeed("get", old.hex).outputBytes == bytes)
                // Also when it was started on the full disk.
                try await archive.stop()
                try await archive.succeed("ls", "-l")
                try await archive.serve()
                #expect(try await archive.succeed("get", old.hex).outputBytes == bytes)
                let path = home.directory.appending("new")
                #expect(try await archive.iom("put", path.string).errors == Self.sentence)
                try await home.sh("rm '\(disk[0])/filler'").mustSucceed()
                try await archive.succeed("put", path.string)
                try await archive.stop()
                try await archive.succeed("fsck")
            }
        }
    }

    @Test func `A full laptop serves what it fetches and does not keep it`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try home.instance("laptop")
            try await onSmallDisk([laptop], in: home) { disk in
                let link = try await archive.succeed("invite").lines[0]
                try await laptop.succeed("join", link, "--name", "laptop")
                let mount = try await laptop.mount()
                let bytes = Dice(seed: 7).bytes(300_000)
                let hash = try await archive.put(bytes, in: home)
                try await laptop.synced(with: archive)
                try await fill(disk[0], home)
                for _ in 0..<2 {
                    #expect(try await home.sh("cat '\(mount.object(hash))'").outputBytes == bytes)
                    #expect(!laptop.holds(hash))
                }
                #expect(try await home.sh("ls -lR '\(mount)' && df '\(mount)'").exitCode == 0)
                try await home.sh("rm '\(disk[0])/filler'").mustSucceed()
                try await laptop.succeed("fetch", hash.hex)
                #expect(laptop.holds(hash))
                // It hears of news again.
                let news = try await archive.put(Array("news".utf8), in: home)
                try await eventually("the news", within: .seconds(40)) {
                    try await home.sh("cat '\(mount.object(news))'").output == "news"
                }
                try await laptop.stop()
            }
        }
    }

    private func fill(_ disk: FilePath, _ home: Household) async throws {
        let outcome = try await home.sh("dd if=/dev/zero of='\(disk)/filler' bs=4096 status=none")
        #expect(outcome.errors.contains("No space left"))
    }

    /// Puts each root on a disk of 4 MB of its own, and takes it away at the end.
    private func onSmallDisk(
        _ instances: [Instance],
        in home: Household,
        _ body: ([FilePath]) async throws -> Void
    ) async throws {
        let disks = instances.map(\.root)
        for disk in disks {
            try await home.sh("mkdir -p '\(disk)' && mount -t tmpfs -o size=4m,mode=700 iom-test '\(disk)'")
                .mustSucceed()
        }
        var failure: (any Error)?
        do { try await body(disks) } catch { failure = error }
        for instance in instances {
            if instance.process?.isRunning == true { try await instance.stop() }
            umount2(instance.root.string, Int32(MNT_DETACH))
        }
        if let failure { throw failure }
    }
}
