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
            // Nothing is fetched by itself, or how fast that was would be known.
            try laptop.configure("storage", "essentials = []")
            try laptop.configure("load_on_demand", "prefetch = []")
            try laptop.configure("sync.strategies", "Contact = \"on-demand\"\nMessage = \"on-demand\"")
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
                    "expected: unknown, too little was fetched lately to tell\n"
                )
            )
            #expect(try await laptop.succeed("why", path).output.contains("\n  local    no, "))

            // Whoever stands in the mount names what is there from where they are.
            laptop.export("PATH", "\(FilePath(Household.program).removingLastComponent()):/usr/bin:/bin")
            let (folder, name) = (photo.removingLastComponent(), photo.lastComponent?.string ?? "")
            let line = "cd '\(folder)' && iom cost '\(name)' && iom why './\(name)' && iom pin --why ../. && iom ls"
            let beside = try await laptop.program(["-c", line], of: "sh").run().mustSucceed().lines
            #expect(beside.first?.contains("1 of 1 file(s) not here") == true && beside.contains("not pinned"))
            #expect(beside.contains(name))

            _ = try await home.cat(photo)
            try await eventually("it is kept") { try await laptop.json("why", path).first?["localFiles"] as? Int == 1 }
            let why = try #require(try await laptop.json("why", path).first)
            let origin = try #require(why["origin"] as? [String: Any])
            #expect(origin["program"] as? String == "cat" && origin["reason"] as? String == "reader")
            #expect(origin["holder"] as? String == holder && origin["time"] as? Int == why["since"] as? Int)
            #expect(try await laptop.succeed("why", path).output.contains(", read by cat, from \(holder)\n"))
            // Enough to tell how long the rest takes.
            try await home.sh("find '\(here)/conversations' -size +100k | head -n 4 | xargs -d '\\n' cat | wc -c")
                .mustSucceed()
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

    @Test func `What was brought ahead says why: a rule, a pin`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            for name in ["letters", "pictures"] {
                let folder = try home.folder(name)
                try home.write("a \(name)\n", to: folder.appending("first"))
                try await archive.succeed("add", folder.string)
            }
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await eventually("they are known") { try await laptop.iom("ls", "files/pictures").lines.count == 1 }
            func why(_ path: String) async throws -> String { try await laptop.succeed("why", path).output }
            try await laptop.succeed("pin", "files/letters")
            try await eventually("it says so") {
                try await why("files/letters/first").contains(
                    ", brought ahead because of the pin `files/letters`, from archive\n"
                )
            }
            let json = try #require(try await laptop.json("why", "files/letters/first").first)
            let origin = try #require(json["origin"] as? [String: Any])
            #expect(
                origin["reason"] as? String == "pin" && origin["because"] as? String == "of the pin `files/letters`"
            )

            try laptop.configure("sync.strategies", "File = \"full-sync\"")
            try await eventually("the rule says so", within: .seconds(20)) {
                try await why("files/pictures/first").contains(
                    ", brought ahead because of the rule `File = full-sync`, from archive\n"
                )
            }
        }
    }

    @Test func `Where nothing or not everything comes or goes, the exit code says so`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let folder = try home.folder("letters")
            for number in 0..<3 { try home.write("letter \(number)\n", to: folder.appending("\(number)")) }
            try await archive.succeed("add", folder.string)
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await eventually("they are known") { try await laptop.iom("ls", "files/letters").lines.count == 3 }
            func code(_ arguments: String...) async throws -> Int32 { try await laptop.run(arguments).exitCode }
            #expect(try await code("evict", "files/letters") == 0)
            #expect(
                try await laptop.succeed("fetch", "files/letters/1").output == "1 file(s) fetched, 9 B; 0 were here\n"
            )
            #expect(
                try await laptop.succeed("fetch", "files/letters").output == "2 file(s) fetched, 18 B; 1 were here\n"
            )
            try await laptop.succeed("pin", "files/letters/1")
            let partly = try await laptop.iom("evict", "files/letters")
            #expect(partly.exitCode == 3 && partly.output.contains("2 file(s) dropped, 18 B; 1 stay\n"), "\(partly)")
            #expect(partly.output.contains("files/letters/1: stays, pinned by `files/letters/1`: `iom unpin` first\n"))
            #expect(try await code("evict", "files/letters/1") == 1)
            #expect(try await code("evict", "--dry-run", "files/letters/1") == 0)
            try await archive.stop()
            #expect(try await code("fetch", "files/letters") == 3)
            #expect(try await code("fetch", "files/letters/0") == 1)
            let local = try await laptop.run(["run", "--local-only", "--", Household.program, "fetch", "files/letters"])
            #expect(
                local.exitCode == 1 && local.errors == "iom: `iom run --local-only` started this: nothing is fetched\n"
            )
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
