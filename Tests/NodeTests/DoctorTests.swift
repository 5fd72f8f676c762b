import Foundation
import Glibc
import Objects
import Peers
import SystemPackage
import Testing

@testable import Node

/// `iom doctor` where something is really wrong, and where nothing is.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct DoctorTests {
    /// What it says, and its exit code.
    private func findings(_ instance: Instance) async throws -> (all: [Finding], exitCode: Int32) {
        let outcome = try await instance.iom("doctor", "--json")
        #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        let secret = instance.root.removingLastComponent().appending("config/iom/secret").string
        if let words = try? String(contentsOfFile: secret, encoding: .utf8) {
            #expect(!outcome.output.contains(words.trimmingCharacters(in: .newlines)))
        }
        return (try outcome.lines.map { try JSONDecoder().decode(Finding.self, from: Data($0.utf8)) }, outcome.exitCode)
    }

    private func problems(_ instance: Instance) async throws -> [Finding] {
        let (all, exitCode) = try await findings(instance)
        let problems = all.filter { $0.severity == .problem }
        #expect(exitCode == (problems.isEmpty ? 0 : 1), "\(all)")
        // Other tests have mounts, too, and dead ones.
        let own = instance.root.removingLastComponent().string
        return problems.filter { $0.subject != .mounts || $0.words.contains(own) }
    }

    /// Carries out what a finding says.
    private func mend(_ finding: Finding, _ home: Household) async throws {
        let command = try #require(finding.mend)
        let here = command.hasPrefix("iom ") ? "'\(Household.program)' " + command.dropFirst(4) : command
        let outcome = try await home.sh(here)
        // `iom fsck` ends with 1 when it has repaired something.
        #expect(outcome.exitCode == 0 || command.contains("fsck") && outcome.exitCode < 4, "\(outcome)")
    }

    @Test func `A clean instance has no problem, with a node and a mount or without`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            #expect(try await problems(archive).isEmpty)
            try await archive.mount()
            #expect(try await problems(archive).isEmpty)
            let all = try await findings(archive).all
            let subjects: Set<Finding.Subject> = [
                .fuse, .mounts, .versions, .programs, .root, .configuration, .disk, .limits, .keys, .node, .port,
                .clock, .catalog,
            ]
            #expect(Set(all.map(\.subject)) == subjects)
            let text = try await archive.iom("doctor").output
            #expect(text.contains("ok       mounts") && text.contains("answers"), "\(text)")
            #expect(try await archive.stop().exitCode == 0)
        }
    }

    @Test func `A dead mount is found, and the command it prints takes it away`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let mount = try await archive.mount("a place of its own")
            try await archive.stop(SIGKILL)
            let found = try #require(
                try await problems(archive).first { $0.subject == .mounts && $0.words.contains(mount.string) }
            )
            try await mend(found, home)
            #expect(try await home.isMounted(mount) == false)
            #expect(try await problems(archive).isEmpty)
        }
    }

    @Test func `A node that is stopped keeps nobody waiting`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let mount = try await archive.mount()
            let process = try #require(archive.process)
            process.signal(SIGSTOP)
            let problems = try await problems(archive)
            #expect(problems.contains { $0.subject == .mounts && $0.words.contains("\(mount) did not answer") })
            #expect(problems.contains { $0.subject == .node && $0.words.contains("\(process.processID)") })
            process.signal(SIGCONT)
            #expect(try await self.problems(archive).isEmpty)
        }
    }

    @Test(.enabled(if: Household.hasPython)) func `A port that somebody else has is found, and another one named`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.configure("instance", "listen = \"127.0.0.1:\(archive.port)\"")
            let all = try await findings(archive).all
            #expect(all.contains { $0.subject == .port && $0.severity == .warning }, "\(all)")
            let script =
                "import socket, time; s = socket.create_server(('127.0.0.1', \(archive.port))); print(1, flush=True); time.sleep(60)"
            let other = try home.start(Program(executable: "python3", arguments: ["-c", script]))
            try await eventually("it listens") { other.outputSoFar.contains("1") }
            let problems = try await problems(archive)
            #expect(problems.map(\.subject) == [.port] && problems[0].words.contains("\(archive.port)"), "\(problems)")
            let words = try #require(problems[0].mend?.split(separator: " "))
            #expect(words.prefix(3) == ["iom", "serve", "--listen"])
            // It serves there, as it says.
            await other.end(SIGKILL)
            let listen = try #require(words.dropFirst(3).first.map(String.init))
            _ = try home.start(archive.program(["serve", "--listen", listen]))
            try await eventually("it listens elsewhere") {
                try await findings(archive).all.contains { $0.subject == .port && $0.words.contains(listen) }
            }
        }
    }

    @Test func `A secret that is gone or open to others is found, and the keys stay sealed`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let secret = archive.root.removingLastComponent().appending("config/iom/secret")
            chmod(secret.string, 0o644)
            let loose = try await problems(archive)
            #expect(loose.map(\.subject) == [.keys] && loose[0].words.contains(secret.string), "\(loose)")
            try await mend(loose[0], home)
            #expect(try await problems(archive).isEmpty)
            try await home.sh("chmod 755 '\(archive.root)/private' && chmod 644 '\(archive.root)'/private/*")
                .mustSucceed()
            for finding in try await problems(archive) where finding.subject != .node { try await mend(finding, home) }
            #expect(try await problems(archive).isEmpty)
            try await home.sh("mv '\(secret)' '\(secret).copy'").mustSucceed()
            let gone = try await problems(archive)
            #expect(gone.map(\.subject) == [.keys] && gone[0].words.contains("there is no secret"), "\(gone)")
            let mending = try #require(gone[0].mend).replacing("YOUR-COPY-OF-THE-SECRET", with: "'\(secret).copy'")
            try await home.sh(mending).mustSucceed()
            #expect(try await problems(archive).isEmpty)
            try home.write("another\n", to: secret, mode: 0o600)
            #expect(try await problems(archive).contains { $0.words.contains("does not open") })
        }
    }

    @Test(arguments: [false, true])
    func `What was done to objects behind the catalog's back is found, and mended`(isServed: Bool) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let (gone, torn) = (try await archive.put([1], in: home), try await archive.put([2, 3], in: home))
            // As long as it was, so that only hashing tells.
            let flipped = try await archive.put([4, 5, 6], in: home)
            if isServed { try await archive.serve() }
            #expect(try await problems(archive).isEmpty)
            for (hash, bytes) in [(torn, [2, 3, 0]), (flipped, [4, 5, 7])] as [(ObjectHash, [UInt8])] {
                chmod(archive.file(of: hash).string, 0o644)
                try home.write(bytes, to: archive.file(of: hash))
            }
            unlink(archive.file(of: gone).string)
            let problems = try await problems(archive)
            #expect(problems.allSatisfy { $0.subject == .catalog }, "\(problems)")
            for hash in [gone, torn] { #expect(problems.contains { $0.words.contains(hash.hex) }, "\(problems)") }
            try await mend(try #require(problems.first), home)
            #expect(try await self.problems(archive).isEmpty)
            #expect(!archive.holds(torn) && !archive.holds(flipped))
        }
    }

    @Test func `A device whose clock is off is found`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            let node = try laptop.open(time: ShiftedTime(seconds: -3_600))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await node.runConnections() }
                try await eventually("they are connected") { node.links.sessions.count == 1 }
                try await eventually("it is found") {
                    try await findings(archive).all.contains {
                        $0.subject == .clock && $0.severity == .problem && $0.words.contains("laptop is 36")
                            && $0.words.contains("behind")
                    }
                }
                // The same from the other side.
                let (answers, answered) = AsyncStream<NodeFacts>.makeStream()
                try await ExamineNode().run(on: node) { answered.yield($0) }
                let facts = try #require(await answers.first { _ in true })
                #expect(facts.clocks.map(\.name) == ["archive"] && facts.protocols == ["archive": Hello.currentVersion])
                #expect(facts.clocks[0].secondsAhead.map { abs($0 - 3_600) < 60 } == true, "\(facts.clocks)")
                group.cancelAll()
            }
        }
    }

    @Test func `A root that is not there, is not safe or is damaged is told, and how to go on`() async throws {
        try await Household.with { home in
            let nobody = try home.instance("nobody")
            let missing = try await problems(nobody)
            #expect(
                missing.map(\.subject) == [.root] && missing[0].mend?.hasPrefix("iom init --root") == true,
                "\(missing)"
            )
            let archive = try await home.found()
            chmod(archive.root.string, 0o777)
            let loose = try await problems(archive)
            #expect(loose.contains { $0.subject == .root }, "\(loose)")
            try await mend(try #require(loose.first { $0.subject == .root }), home)
            #expect(try await problems(archive).isEmpty)
            if geteuid() == 0 { chown(archive.root.string, 12_345, 12_345) } else { chmod(archive.root.string, 0) }
            let unreadable = try #require(try await problems(archive).first { $0.subject == .root })
            #expect(unreadable.mend?.hasPrefix(geteuid() == 0 ? "sudo chown -R 0" : "chmod u+rwx") == true)
            if geteuid() == 0 { chown(archive.root.string, 0, 0) } else { chmod(archive.root.string, 0o700) }
            let file = archive.root.appending("iom.toml")
            let text = try String(contentsOfFile: file.string, encoding: .utf8)
            try home.write(text + "\n[mountt]\n", to: file, mode: 0o600)
            let wrong = try await problems(archive)
            #expect(wrong.map(\.subject) == [.configuration] && wrong[0].words.contains("mountt"), "\(wrong)")
            try home.write(text, to: file, mode: 0o600)
            try await home.sh("mv '\(archive.objects)' kept && touch '\(archive.objects)'").mustSucceed()
            #expect(try await problems(archive).contains { $0.subject == .root && $0.mend?.hasPrefix("mv ") == true })
        }
    }
}

/// A clock that is off.
private struct ShiftedTime: Timekeeper {
    private let system = SystemTime()
    let seconds: Int64

    var now: Timestamp { Timestamp(nanoseconds: system.now.nanoseconds + seconds * 1_000_000_000) }
    var elapsed: Duration { system.elapsed }
    func sleep(for duration: Duration) async throws { try await system.sleep(for: duration) }
}
