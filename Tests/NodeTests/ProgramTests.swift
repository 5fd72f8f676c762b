import Foundation
import SystemPackage
import Testing

/// Programs that read through the mount of a device that has little.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct ProgramTests {
    /// Files that are not on the laptop, in its mount.
    private func files(_ count: Int, _ home: Household, _ configure: (Instance) throws -> Void = { _ in }) async throws
        -> (laptop: Instance, files: [FilePath])
    {
        let archive = try await home.found()
        let folder = try home.folder("things")
        for number in 0..<count { try home.write("thing \(number)\n", to: folder.appending("\(number)")) }
        try await archive.succeed("add", folder.string)
        try await archive.serve()
        let laptop = try await home.join(to: archive)
        try configure(laptop)
        let here = try await laptop.mount()
        let shown = here.pushing("files/things")
        try await eventually("the files are known") { try await home.sh("ls \(shown)").lines.count == count }
        return (laptop, (0..<count).map { shown.appending("\($0)") })
    }

    @Test func `A command that runs local-only never fetches, nor what it starts in whatever way`() async throws {
        try await Household.with { home in
            let (laptop, files) = try await files(4, home)
            func local(_ command: String...) async throws -> Program.Outcome {
                try await laptop.run(["run", "--local-only", "--"] + command)
            }
            let direct = try await local("cat", files[0].string)
            #expect(direct.exitCode == 1 && direct.errors.contains("Resource temporarily unavailable"))
            let reason = try await home.sh("getfattr --only-values -n user.iom.error '\(files[0])'").output
            #expect(reason == "cat runs under `iom run --local-only`, and this is not on this device")
            // Without its environment, and without its parent.
            for line in [
                "env -i cat '\(files[1])'",
                "(setsid env -i sh -c 'cat \(files[1]); echo $? > out' &); sleep 0.5; cat out",
            ] {
                let outcome = try await local("sh", "-c", line)
                #expect(outcome.output != "thing 1\n", "\(line)")
                #expect(outcome.errors.contains("Resource temporarily unavailable"), "\(line): \(outcome)")
            }
            #expect(try await local("sh", "-c", "exit 7").exitCode == 7)
            #expect(try await local("true").exitCode == 0)
            #expect(try await local("no-such-program").exitCode == 127)
            // Nor by a command of ours.
            let get = try await local(Household.program, "get", "files/things/2")
            #expect(get.exitCode == 1 && get.errors.contains("it is not on this device"))
            // Others go on fetching, and what is here is read.
            #expect(try await home.cat(files[0]).output == "thing 0\n")
            #expect(try await local("cat", files[0].string).output == "thing 0\n")
        }
    }

    @Test func `A program that reads everything is stopped, told how to go on, and goes on when it is allowed`()
        async throws
    {
        try await Household.with { home in
            let (laptop, files) = try await files(5, home) { laptop in
                try laptop.configure("mount", "fetch_files_per_minute = 2")
            }
            func read(_ number: Int) async throws -> Program.Outcome {
                try await home.sh("sed -n 1p '\(files[number])'")
            }
            for number in 0..<2 { #expect(try await read(number).output == "thing \(number)\n") }
            for _ in 0..<2 { #expect(try await read(2).errors.contains("Resource temporarily unavailable")) }
            let reason = try await home.sh("getfattr --only-values -n user.iom.error '\(files[2])'").output
            #expect(reason.contains("`iom allow 'sed' --for 1h`"))
            let here = files[0].removingLastComponent().removingLastComponent().removingLastComponent()
            let events = try Instance.events(in: here).filter { $0["source"] as? String == "sed" }
            #expect(events.count == 1)
            // A person's own copying is not counted, and what is here is read by everybody.
            #expect(try await home.cat(files[3]).output == "thing 3\n")
            #expect(try await read(0).output == "thing 0\n")

            #expect(try await laptop.succeed("allow", "sed", "--for", "1h").output.hasPrefix("sed until 2"))
            #expect(try await read(2).output == "thing 2\n")
            #expect(try await laptop.json("allow").first?["program"] as? String == "sed")
            #expect(try await laptop.succeed("allow", "sed", "--revoke").output == "sed is no longer allowed\n")
            #expect(try await read(4).errors.contains("Resource temporarily unavailable"))
        }
    }

    @Test func `A script is known by its name, not by what runs it`() async throws {
        try await Household.with { home in
            let (_, files) = try await files(2, home) { laptop in
                try laptop.configure("mount", "no_fetch = [\"crawler.sh\"]")
            }
            // Read by the shell itself.
            let crawler = "read line < '\(files[0])' && echo \"$line\"\n"
            for name in ["crawler.sh", "person.sh"] { try home.write(crawler, to: home.directory.appending(name)) }
            #expect(try await home.sh("sh crawler.sh").exitCode != 0)
            #expect(try await home.sh("sh person.sh").output == "thing 0\n")
        }
    }
}
