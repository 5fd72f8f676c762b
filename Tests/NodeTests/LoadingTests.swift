import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// That opening a conversation brings what is about to be read, and keeps nobody from reading.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct LoadingTests {
    private static let smallByteCount = 40_000
    private static let largeByteCount = 3 << 20

    /// Says something with attachments of random bytes; gives their hashes.
    private func say(
        _ conversation: String,
        _ byteCounts: [Int],
        on instance: Instance,
        in home: Household,
        seed: UInt64
    ) async throws -> [ObjectHash] {
        var (paths, hashes): ([String], [ObjectHash]) = ([], [])
        let random = SeededRandom(seed: seed)
        for (index, byteCount) in byteCounts.enumerated() {
            let bytes = random.bytes(byteCount)
            let path = home.directory.appending("attachment-\(seed)-\(index).bin")
            try home.write(bytes, to: path)
            paths.append(path.string)
            hashes.append(ObjectHash(of: bytes))
        }
        try await instance.run(["say", conversation, "Look at this", "--attach"] + paths).mustSucceed()
        return hashes
    }

    private func folder(_ title: String, in mount: FilePath, _ home: Household) async throws -> FilePath {
        let path = mount.pushing("conversations").appending(title)
        try await eventually("\(title) is shown") { access(path.string, F_OK) == 0 }
        return path
    }

    @Test func `Listing a conversation brings its newest small attachments, and only its own`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let titles = try await archive.json("conversations").compactMap { $0["title"] as? String }
            let (opened, other) = (try #require(titles.first), try #require(titles.last))
            let wanted = try await say(
                opened,
                [Self.smallByteCount, Self.largeByteCount, 9],
                on: archive,
                in: home,
                seed: 1
            )
            let unwanted = try await say(other, [Self.smallByteCount], on: archive, in: home, seed: 2)
            let laptop = try await home.join(to: archive)
            let here = try await laptop.mount()
            try await laptop.synced(with: archive)

            let folder = try await folder(opened, in: here, home)
            try await home.sh("ls '\(folder)'").mustSucceed()
            try await eventually("the small ones are here") { laptop.holds(wanted[0]) && laptop.holds(wanted[2]) }
            #expect(!laptop.holds(wanted[1]))
            // Nothing was ever opened before, so nothing is likely.
            let ahead = try await laptop.status().stats.ahead
            #expect(ahead.fetchedBytes >= Self.smallByteCount + 9 && ahead.waitsSaved == 0 && ahead.isGuessing)

            let why = try await laptop.succeed("why", wanted[0].hex).output
            #expect(
                why.contains("brought ahead because it is among the newest of a conversation that was opened, from ")
            )

            // What is read now is of use; what is read without having come ahead is not.
            try await home.sh("find '\(folder)' -name '*attachment-1-*' -exec cat {} + > /dev/null").mustSucceed()
            try await eventually("its use is noted") { try await laptop.status().stats.ahead.waitsSaved == 2 }
            #expect(try await laptop.status().stats.ahead.usedBytes == Self.smallByteCount + 9)
            #expect(try await laptop.succeed("status").output.contains("2 waits saved"))
            _ = unwanted
        }
    }

    @Test func `A reader overtakes what comes ahead`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let title = try #require(try await archive.json("conversations").first?["title"] as? String)
            let background = try await say(
                title,
                Array(repeating: 300_000, count: 40),
                on: archive,
                in: home,
                seed: 3
            )
            let wanted = try await say(title, [Self.largeByteCount], on: archive, in: home, seed: 4)
            let laptop = try await home.join(to: archive)
            let here = try await laptop.mount()
            try await laptop.synced(with: archive)
            let folder = try await folder(title, in: here, home)
            let large = try await home.sh("find '\(folder)' -name '*attachment-4-0.bin'").mustSucceed().lines[0]

            // The archive stands still from before the first is asked for until the reader waits, too.
            let process = try #require(archive.process)
            process.signal(SIGSTOP)
            defer { process.signal(SIGCONT) }
            try await home.sh("ls '\(folder)'").mustSucceed()
            try await eventually("it is asked for some") { try await laptop.status().stats.fetches.inFlight > 0 }
            let reader = try home.start(Program(executable: "sh", arguments: ["-c", "exec sha256sum < '\(large)'"]))
            try await eventually("the reader waits") {
                // read(2) of descriptor 0 (proc_pid_syscall(5)).
                let call = try? String(contentsOfFile: "/proc/\(reader.processID)/syscall", encoding: .utf8)
                return call?.hasPrefix("0 0x0 ") == true
            }
            process.signal(SIGCONT)
            let outcome = try #require(await reader.outcome(within: .seconds(30)))
            #expect(outcome.output.hasPrefix(wanted[0].hex))
            try await eventually("the rest comes, too") { background.allSatisfy { laptop.holds($0) } }
            // An object is linked to its name when it is whole, which its change time tells.
            let paths = (wanted + background).map { laptop.file(of: $0).string }.joined(separator: " ")
            let times = try await home.sh("stat -c %.9Z \(paths)").mustSucceed().lines
            #expect(times.dropFirst().count { $0 > times[0] } > background.count / 2, "too much came first")
        }
    }

    @Test func `On a device that knows days by their outline, opening a conversation brings its days`() async throws {
        try await Household.with { home in
            let archive = try await home.demo()
            try await archive.serve()
            let title = try #require(try await archive.json("conversations").first?["title"] as? String)
            let phone = try await home.join(name: "phone", role: "minimal", to: archive)
            // Nothing is so recent that it comes by itself.
            try phone.configure("storage", "keep_recent_days = 0")
            let here = try await phone.mount()
            let folder = try await folder(title, in: here, home)
            let days = "find '\(folder)' -name '????-??-??.md' | sort | tail -n 3"
            try await eventually("its days are known") { try await home.sh(days).lines.count == 3 }
            try await eventually("its days come") { try await phone.status().stats.ahead.fetchedBytes > 0 }
            let newest = try #require(try await home.sh(days).lines.last)
            try await eventually("the newest is here") {
                try await home.sh("getfattr --only-values -n user.iom.local '\(newest)'").output == "yes"
            }
            let why = try await phone.succeed("why", newest).output
            #expect(why.contains("brought ahead because it is "), "\(why)")
            try await home.sh("cat '\(newest)'").mustSucceed()
            try await eventually("its use is noted") { try await phone.status().stats.ahead.waitsSaved >= 1 }
        }
    }

    @Test func `A scan of everything opens nothing, and where the policy says so nothing comes ahead`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try laptop.configure(
                "load_on_demand",
                "prefetch = [\"contacts\"]\nlazy = [\"recent-messages\", \"old-messages\", \"files\"]"
            )
            let here = try await laptop.mount()
            try await laptop.synced(with: archive)
            let before = try await home.objects(of: laptop).count
            for title in try await archive.json("conversations").compactMap({ $0["title"] as? String }) {
                try await home.sh("ls '\(here)/conversations/\(title)' || true")
            }
            try await home.sh("ls -R \(here)").mustSucceed()
            #expect(try await laptop.status().stats.ahead.fetchedBytes == 0)
            #expect(try await home.objects(of: laptop).count == before)
        }
    }
}
