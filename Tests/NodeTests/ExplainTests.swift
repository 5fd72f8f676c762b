import Foundation
import Glibc
import Node
import SystemPackage
import Testing

/// What a person is told of what is here, and what it would cost to have it.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct ExplainTests {
    @Test func `Cost tells before, why tells after, and unknown is said where nothing was measured`() async throws {
        try await Household.with { home in
            let archive = try await home.adoptAlice()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let here = try await laptop.mount()
            try await laptop.synced(with: archive)
            let holder = try #require(try await laptop.status().connections.first?.name)
            let photo = try await home.find("*.png", in: here)
            let path = String(photo.string.dropFirst(here.string.count + 1))
            let before = try #require(try await laptop.json("cost", path).first)
            #expect(before["missingFiles"] as? Int == 1 && before["files"] as? Int == 1)
            #expect(before["expectedSeconds"] is NSNull || before["expectedSeconds"] == nil)
            #expect((before["holders"] as? [[String: Any]])?.first?["name"] as? String == holder)
            #expect(
                try await laptop.succeed("cost", path).output.hasSuffix(
                    "expected: unknown, nothing was fetched lately\n"
                )
            )
            #expect(try await laptop.succeed("why", path).output.contains("\n  local    no, "))

            _ = try await home.cat(photo)
            try await eventually("it is kept") { try await laptop.json("why", path).first?["localFiles"] as? Int == 1 }
            let why = try #require(try await laptop.json("why", path).first)
            let origin = try #require(why["origin"] as? [String: Any])
            #expect(origin["program"] as? String == "cat" && origin["reason"] as? String == "reader")
            #expect(origin["holder"] as? String == holder && origin["time"] as? Int == why["since"] as? Int)
            #expect(try await laptop.succeed("why", path).output.contains(", read by cat, from \(holder)\n"))
            let whole = try #require(try await laptop.json("cost", "conversations").first)
            #expect(whole["expectedSeconds"] as? Double != nil)
            #expect((whole["missingFiles"] as? Int ?? 0) > 20 && whole["unreachableFiles"] as? Int == 0)

            try await archive.stop()
            try await eventually("it is away") {
                try await laptop.json("cost", "conversations").first?["unreachableFiles"] as? Int ?? 0 > 20
            }
            #expect(try await laptop.iom("why", "conversations/nobody").exitCode == 1)
        }
    }

    @Test func `A fetch that was killed goes on where it was`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await home.sh(
                "mkdir many && for i in $(seq 40); do head -c 600000 /dev/urandom > many/$i; done"
            ).mustSucceed()
            try await archive.succeed("add", home.directory.appending("many").string)
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.mount()
            try await eventually("they are known") { try await laptop.iom("ls", "files/many").lines.count == 40 }
            let first = try home.start(laptop.program(["fetch", "files/many"]))
            try await eventually("some are here", pause: .milliseconds(1)) {
                try await laptop.json("cost", "files/many").first?["missingFiles"] as? Int ?? 40 < 40
            }
            _ = await first.end(SIGKILL)
            let second = try #require(try await laptop.json("fetch", "files/many").first)
            let (fetched, before) = (second["files"] as? Int ?? 0, second["alreadyHere"] as? Int ?? 0)
            #expect(fetched + before == 40 && before > 0)
            let third = try #require(try await laptop.json("fetch", "files/many").first)
            #expect(third["alreadyHere"] as? Int == 40)
            #expect(try await laptop.succeed("cost", "files/many").output.contains("all 40 file(s) are here"))
        }
    }
}
