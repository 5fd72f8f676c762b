import Foundation
import Node
import Objects
import SystemPackage
import Testing

/// The quota of a small device, whoever brings something there.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct QuotaTests {
    @Test func `What a person writes is kept whatever the quota, and makes room once an archive has it`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let quota = 20_000_000
            try laptop.configure("storage", "max_storage = \"\(quota)B\"")
            try await laptop.mount()
            try await laptop.synced(with: archive)
            try await archive.stop()
            var hashes: [ObjectHash] = []
            for seed in 0..<6 {
                hashes.append(try await laptop.put(Dice(seed: UInt64(seed)).bytes(5_000_000), in: home))
            }
            #expect(hashes.allSatisfy(laptop.holds))
            #expect(try await home.use(of: laptop) > quota)
            try await archive.serve()
            try await eventually("the archive has all", within: .seconds(60)) { hashes.allSatisfy(archive.holds) }
            try await eventually("the quota holds", within: .seconds(60), pause: .milliseconds(200)) {
                try await home.use(of: laptop) <= quota
            }
            // With the archive there it is over the quota for no longer than the way there takes.
            for seed in 10..<16 { _ = try await laptop.put(Dice(seed: UInt64(seed)).bytes(5_000_000), in: home) }
            try await eventually("it holds again", within: .seconds(60), pause: .milliseconds(200)) {
                try await home.use(of: laptop) <= quota
            }
        }
    }

    @Test func `Who follows goes by the outline before the quota is full, and shows all the same`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let quota = 16_000_000
            try laptop.configure("storage", "max_storage = \"\(quota)B\"")
            let (there, here) = (try await archive.mount(), try await laptop.mount())
            try await laptop.synced(with: archive)
            // The connection has long begun when the archive grows.
            try await home.sh("mkdir many && cd many && seq 4000 | split -l 1 -a 4 -").mustSucceed()
            try await archive.succeed("add", home.directory.appending("many").string)
            let count = "find '\(here)/files' -type f | wc -l"
            try await eventually("all are shown", within: .seconds(120), pause: .milliseconds(500)) {
                #expect(try await home.use(of: laptop) <= quota)
                return try await home.sh(count).output.trimmingCharacters(in: .whitespacesAndNewlines) == "4000"
            }
            #expect(try await home.use(of: laptop) <= quota)
            let one = try #require(
                try await home.sh("cd '\(there)/files' && find -type f | sort | tail -1").lines.first
            )
            #expect(
                try await home.sh("cat '\(here)/files/\(one)'").output == home.sh("cat '\(there)/files/\(one)'").output
            )
            #expect(try await home.use(of: laptop) <= quota)
        }
    }

    @Test func `Messages that are followed leave room for what is read, and every day can be read`() async throws {
        try await Household.with { home in
            let archive = try await home.demo("--conversations", "3", "--messages", "6000")
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let quota = 14_000_000
            try laptop.configure("storage", "max_storage = \"\(quota)B\"")
            let (there, here) = (try await archive.mount(), try await laptop.mount())
            let list = "find conversations -name '????-??-??.md' | sort"
            try await eventually("all days are shown", within: .seconds(60), pause: .milliseconds(200)) {
                #expect(try await home.use(of: laptop) <= quota)
                return try await home.sh("cd '\(here)' && \(list)").output == home.sh("cd '\(there)' && \(list)").output
            }
            let text = "\(list) | xargs -d '\\n' cat | sha256sum"
            let (right, left) = (
                try await home.sh("cd '\(there)' && \(text)"), try await home.sh("cd '\(here)' && \(text)")
            )
            #expect(left.output == right.output)
            #expect(try await home.use(of: laptop) <= quota)
        }
    }

    @Test func `Room is made for what is pinned, and what finds none is told`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try laptop.configure("storage", "max_storage = \"40MB\"")
            let mount = try await laptop.mount()
            var read: [ObjectHash] = []
            for seed in 0..<30 {
                read.append(try await archive.put(Dice(seed: UInt64(seed)).bytes(1_000_000), in: home))
            }
            let large = try await archive.put(Dice(seed: 77).bytes(20_000_000), in: home)
            try await laptop.synced(with: archive)
            for hash in read { try await home.sh("cat '\(mount.object(hash))' | wc -c").mustSucceed() }
            #expect(read.contains(where: laptop.holds))
            // More than is free, and more than a read makes room for.
            try await laptop.succeed("pin", large.hex)
            try await eventually("it is here", within: .seconds(60)) { laptop.holds(large) }
            #expect(try await home.use(of: laptop) <= 40_000_000)
            let another = try await archive.put(Dice(seed: 78).bytes(20_000_000), in: home)
            try await laptop.synced(with: archive)
            let outcome = try await laptop.iom("pin", another.hex)
            #expect(outcome.exitCode == 3)
            #expect(outcome.errors.contains("1 pinned file(s), 20.0 MB, do not fit into 40.0 MB"))
        }
    }
}
