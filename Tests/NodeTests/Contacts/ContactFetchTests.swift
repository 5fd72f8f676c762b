import Foundation
import Objects
import SystemPackage
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// An attachment that only a contact has, read at its path (design 7): its bytes, or why not.
@Suite(.serialized, .enabled(if: Household.canMount && PythonPeer.isThere), .timeLimit(.minutes(5)))
struct ContactFetchTests {
    /// One is fetched with others in one request, one as a whole, and one is read in parts where that can be.
    private static let sizes = ["small": 70_000, "middle": 2_000_003, "large": 6_000_000]

    @Test func `What is read comes once from the contact, for sixteen readers, and was not here before`() async throws {
        try await Household.with { home in
            let files: KeyValuePairs = ["small": 70_000, "middle": 2_000_003, "large": 6_000_000]
            let giving = try await Giving(files, in: home, fetchDeadline: "20s")
            for (name, byteCount) in files {
                let path = try await giving.path(name)
                #expect(!giving.mira.holds(try giving.hash(name)))
                #expect(try await giving.isLocal(path) == "no")
                #expect(giving.python.askedCount(name) == 0)
                try giving.python.give(name, .held)
                let readers = try (0..<16).map { _ in
                    try home.start(Program(executable: "sha256sum", arguments: [path.string]))
                }
                try await eventually("it is asked for") { giving.python.askedCount(name) == 1 }
                // Nobody else waits.
                try await home.sh("ls -lR '\(giving.mount)' && df '\(giving.mount)' && stat '\(path)'").mustSucceed()
                #expect(readers.allSatisfy { $0.isRunning })
                try giving.python.give(name, nil)
                let hash = try giving.hash(name).hex
                for reader in readers {
                    let outcome = try #require(await reader.outcome(within: .seconds(30)))
                    #expect(outcome.output.hasPrefix(hash), "\(name): \(outcome.output)\(outcome.errors)")
                }
                #expect(giving.python.askedCount(name) == 1)
                #expect(try await home.cat(path).outputBytes.count == byteCount)
                try await eventually("it is kept") { giving.mira.holds(try giving.hash(name)) }
            }
        }
    }

    @Test(arguments: sizes.keys.sorted())
    func `One that gives up takes nothing from the others`(size: String) async throws {
        let byteCount = try #require(Self.sizes[size])
        try await Household.with { home in
            let giving = try await Giving(["shared": byteCount], in: home, fetchDeadline: "20s")
            let (path, hash) = (try await giving.path("shared"), try giving.hash("shared"))
            try giving.python.give("shared", .held)
            var readers: [RunningProgram] = []
            for _ in 0..<4 { readers.append(try await home.waitingReader(of: path)) }
            readers[0].signal(SIGINT)
            #expect(await readers[0].outcome(within: .seconds(5))?.exitCode == 128 + SIGINT)
            #expect(readers.dropFirst().allSatisfy { $0.isRunning })
            try giving.python.give("shared", nil)
            for reader in readers.dropFirst() {
                let outcome = try #require(await reader.outcome(within: .seconds(30)))
                #expect(ObjectHash(of: outcome.outputBytes) == hash, "\(outcome.errors)")
            }
            // The kernel lets one of them ask; if it was that one, another asks anew.
            #expect((1...2).contains(giving.python.askedCount("shared")))
        }
    }

    @Test(arguments: sizes.keys.sorted())
    func `What a contact does not give, or gives wrongly, has its errno, and right bytes come after`(size: String)
        async throws
    {
        let byteCount = try #require(Self.sizes[size])
        let cases: [(manner: PythonGiver.Manner, errno: Int32, event: String?)] = [
            (.denied, EACCES, "fetch-failed"), (.failing, EREMOTEIO, nil), (.lost, EREMOTEIO, nil),
            (.changed, EBADMSG, "corrupt-object"), (.lengthened, EBADMSG, "corrupt-object"),
            (.shortened, EBADMSG, "corrupt-object"), (.silent, ETIMEDOUT, "fetch-failed"),
            (.stalling, ETIMEDOUT, "fetch-failed"),
        ]
        try await Household.with { home in
            let files: KeyValuePairs = [
                "denied": byteCount, "failing": byteCount, "lost": byteCount, "changed": byteCount,
                "lengthened": byteCount, "shortened": byteCount, "silent": byteCount, "stalling": byteCount,
            ]
            let giving = try await Giving(files, in: home)
            for (manner, errno, event) in cases {
                try giving.python.give(manner.rawValue, manner)
                try await giving.checkFailure(of: manner.rawValue, errno)
                #expect(try giving.events(about: manner.rawValue) == [event].compactMap(\.self), "\(manner)")
                try giving.python.give(manner.rawValue, nil)
                try await giving.checkBytes(of: manner.rawValue)
            }
            try await giving.checkNothingIsLeft()
        }
    }

    @Test(arguments: sizes.keys.sorted())
    func `A contact that is away keeps nobody waiting, and what was cut comes when it is back`(size: String)
        async throws
    {
        let byteCount = try #require(Self.sizes[size])
        try await Household.with { home in
            let files: KeyValuePairs = ["cut": byteCount, "waiting": byteCount, "away": byteCount]
            let giving = try await Giving(files, in: home, fetchDeadline: "20s")
            try giving.python.give("cut", .cut)
            var sessionCount = giving.python.sessionCount
            try await giving.checkFailure(of: "cut", EREMOTEIO)
            try giving.python.give("cut", nil)
            try await giving.python.meet(after: sessionCount)
            try await giving.checkBytes(of: "cut")

            // One that waits while the contact goes.
            let path = try await giving.path("waiting")
            try giving.python.give("waiting", .held)
            let reader = try home.start(Program(executable: "cat", arguments: [path.string]))
            try await eventually("it is asked for") { giving.python.askedCount("waiting") > 0 }
            try giving.python.be(.away)
            let outcome = try #require(await reader.outcome(within: .seconds(30)))
            #expect(
                outcome.outputBytes.isEmpty && outcome.errors.hasSuffix(": Remote I/O error\n"),
                "\(outcome.errors)"
            )
            try await giving.checkFailure(of: "away", EREMOTEIO)

            // The same after a start without it.
            try await giving.mira.stop()
            try await giving.mira.mount()
            try await giving.checkFailure(of: "away", EREMOTEIO)
            sessionCount = giving.python.sessionCount
            try giving.python.be(nil)
            try giving.python.give("waiting", nil)
            try await giving.python.meet(after: sessionCount)
            for name in ["away", "waiting"] { try await giving.checkBytes(of: name) }
            try await giving.checkNothingIsLeft()
        }
    }

    @Test func `A frozen contact holds up nobody but those who wait for it, and these not for long`() async throws {
        try await Household.with { home in
            let files: KeyValuePairs = ["small": 70_000, "middle": 2_000_003, "large": 6_000_000, "left": 6_000_000]
            let giving = try await Giving(files, in: home, fetchDeadline: "6s")
            let names = ["small", "middle", "large"]
            giving.python.signal(SIGSTOP)
            // A signal ends a wait before its deadline does.
            for signal in [SIGINT, SIGKILL] {
                let reader = try await home.waitingReader(of: giving.path("left"))
                reader.signal(signal)
                #expect(await reader.outcome(within: .seconds(5))?.exitCode == 128 + signal)
            }
            var readers: [RunningProgram] = []
            for name in names { readers.append(try await home.waitingReader(of: giving.path(name))) }
            try await home.sh("ls -lR '\(giving.mount)' && df '\(giving.mount)'").mustSucceed()
            for reader in readers {
                let outcome = try #require(await reader.outcome(within: .seconds(30)))
                #expect(outcome.outputBytes.isEmpty && outcome.errors.hasSuffix(": Connection timed out\n"))
            }
            for name in names { #expect(try giving.events(about: name) == ["fetch-failed"]) }
            #expect(try giving.events(about: "left") == [])
            giving.python.signal(SIGCONT)
            for name in files.map(\.key) {
                try await eventually("it is there again", within: .seconds(40)) {
                    try await home.cat(giving.path(name)).exitCode == 0
                }
                try await giving.checkBytes(of: name)
            }
            try await giving.checkNothingIsLeft()
        }
    }

    /// After a new connection the contact is to be asked what belongs to its roots, once.
    @Test func `Several that are read at once after a new connection all come`() async throws {
        try await Household.with { home in
            let names = ["first", "second", "third"]
            let giving = try await Giving(["first": 6_000_000, "second": 5_000_000, "third": 70_000], in: home)
            try await giving.python.reconnect()
            try giving.python.list(.held)
            var readers: [(String, RunningProgram)] = []
            for name in names {
                let path = try await giving.path(name)
                readers.append((name, try home.start(Program(executable: "sha256sum", arguments: [path.string]))))
            }
            try await eventually("each was denied") { names.allSatisfy { giving.python.deniedCount($0) == 1 } }
            try giving.python.list(nil)
            for (name, reader) in readers {
                let outcome = try #require(await reader.outcome(within: .seconds(30)))
                let hash = try giving.hash(name).hex
                #expect(outcome.output.hasPrefix(hash), "\(name): \(outcome.errors)")
            }
        }
    }

    /// As ours does when something is taken back (one-protocol 4.4): what is still granted can be had.
    @Test func `A contact that has forgotten what it told is asked anew`() async throws {
        try await Household.with { home in
            let giving = try await Giving(["first": 70_000, "second": 6_000_000, "third": 60_000], in: home)
            try await giving.python.reconnect()
            // Now it has told of all that belongs to its roots.
            try await giving.checkBytes(of: "first")
            try await giving.python.forget()
            for name in ["second", "third"] { try await giving.checkBytes(of: name) }
        }
    }

    @Test func `A contact that tells of nothing any more refuses`() async throws {
        try await Household.with { home in
            let giving = try await Giving(["large": 6_000_000, "small": 70_000], in: home)
            try giving.python.list(.denied)
            try await giving.python.reconnect()
            for name in ["large", "small"] {
                try await giving.checkFailure(of: name, EACCES)
                #expect(try giving.events(about: name) == ["fetch-failed"])
            }
            try giving.python.list(nil)
            for name in ["large", "small"] { try await giving.checkBytes(of: name) }
        }
    }
}
