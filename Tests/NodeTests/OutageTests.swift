import Node
import SystemPackage
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The archive is away, or worse, there and silent.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct OutageTests {
    @Test(arguments: [SIGTERM, SIGKILL])
    func `Without the archive all but absent bytes is as before, and with it again they are there`(signal: Int32)
        async throws
    {
        try await Household.with { home in
            // Far more than any command here waits: who waited for the archive would be ended as too late.
            let (archive, laptop, here) = try await home.pair(fetchDeadline: "10m")
            let local = try await home.find("*.md", in: here)
            let absent = try await home.find("*random-300000.bin", in: here)
            let text = try await home.cat(local).mustSucceed().output
            try await archive.stop(signal)
            try await eventually("the laptop notices") { try await laptop.status().connections.isEmpty }
            for line in ["ls -lR '\(here)'", "df '\(here)'", "stat '\(absent)'"] {
                try await home.sh(line).mustSucceed()
            }
            #expect(try await home.cat(local).output == text)
            for _ in 0..<3 {
                let failure = try await home.cat(absent)
                #expect(
                    failure.exitCode == 1 && failure.output == "" && failure.errors.hasSuffix(": Remote I/O error\n")
                )
            }
            let reason = try await home.sh("getfattr --only-values -n user.iom.error '\(absent)'").mustSucceed().output
            #expect(reason.contains("reach"), "\(reason)")
            try await archive.serve()
            try await eventually("the same path reads") { try await home.cat(absent).outputBytes.count == 300_000 }
        }
    }

    @Test func `A frozen archive holds up nobody but those who wait for it, and these not for long`() async throws {
        try await Household.with { home in
            let (archive, laptop, here) = try await home.pair(fetchDeadline: "6s")
            let local = try await home.find("*.md", in: here)
            let small = try await home.find("*pixel.jpg", in: here)
            let absent = try await home.find("*random-1048576.bin", in: here)
            let process = try #require(archive.process)
            process.signal(SIGSTOP)

            // A signal ends a wait before its deadline does.
            for signal in [SIGINT, SIGKILL] {
                let reader = try await home.waitingReader(of: absent)
                reader.signal(signal)
                #expect(await reader.outcome(within: .seconds(5))?.exitCode == 128 + signal)
            }

            // The deadline ends it otherwise.
            let failure = try await home.cat(small)
            #expect(failure.exitCode == 1 && failure.errors.hasSuffix(": Connection timed out\n"))
            #expect(failure.duration >= .seconds(6))

            // Others do not notice those that wait.
            var readers: [RunningProgram] = []
            for _ in 0..<16 { readers.append(try await home.waitingReader(of: absent)) }
            let listing = try await home.sh("ls -lR '\(here)' && df '\(here)'").mustSucceed()
            let read = try await home.cat(local).mustSucceed()
            #expect(readers.allSatisfy { $0.isRunning })
            #expect(try await laptop.status().mounts.map(\.directory) == [here.string])
            for reader in readers {
                let outcome = try #require(await reader.outcome(within: .seconds(30)))
                #expect(outcome.exitCode == 1 && outcome.errors.hasSuffix(": Connection timed out\n"))
                #expect(outcome.end > listing.end && outcome.end > read.end)
            }

            // Those that wait when it comes back are answered, and the paths that failed read.
            let patient = try await home.waitingReader(of: absent)
            process.signal(SIGCONT)
            #expect(await patient.outcome(within: .seconds(30))?.outputBytes.count == 1_048_576)
            try await eventually("the same path reads") { try await home.cat(small).exitCode == 0 }
        }
    }
}

extension Household {
    /// Alice's archive, and a laptop that knows everything, mounted.
    func pair(fetchDeadline: String = "10s") async throws -> (archive: Instance, laptop: Instance, mount: FilePath) {
        let archive = try await adoptAlice()
        try await archive.serve()
        let laptop = try await join(to: archive)
        try laptop.configure("mount", "fetch_deadline = \"\(fetchDeadline)\"")
        let mount = try await laptop.mount()
        try await laptop.synced(with: archive)
        return (archive, laptop, mount)
    }

    /// A `cat` that waits in `read(2)`.
    func waitingReader(of path: FilePath) async throws -> RunningProgram {
        let reader = try start(Program(executable: "cat", arguments: [path.string]))
        try await eventually("the reader waits") {
            guard reader.isRunning else {
                throw Program.Failure(description: "it does not wait: \(reader.errorsSoFar)")
            }
            return reader.isWaiting(for: path)
        }
        return reader
    }
}
