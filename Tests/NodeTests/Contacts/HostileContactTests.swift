import Foundation
import Node
import Objects
import SystemPackage
import Testing

/// Contacts that have paired as they should and then do what they should not, each one thing (`hostile_contact.py`): each is
/// told of once, takes no more memory than it may, leaves nothing behind, and keeps nobody else from anything.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isThere))
struct HostileContactTests {
    /// What is done, and what the one event of it says.
    private typealias Attack = (name: String, reason: String)

    /// What ends the connection.
    private static let breaks: [Attack] = [
        ("wrong-nonce", "does not open"), ("replayed-frame", "does not open"), ("foreign-key", "does not open"),
        ("text-frame", "a text frame"), ("bad-padding", "padded wrongly"), ("bad-text", "padded wrongly"),
        ("oversized-frame", "frame too long"), ("nested-fragments", "inside another one"),
        ("end-without-start", "was not started"), ("text-in-fragments", "a text inside"),
        ("endless-fragments", "a message is too long"), ("empty-fragments", "a message is too long"),
        ("json-of-numbers", "too much in it"), ("json-of-arrays", "too much in it"),
        ("json-of-objects", "too much in it"), ("json-too-deep", "too much in it"), ("json-of-keys", "too much in it"),
        ("long-arguments", "a request too long"), ("garbage", "nobody asked for"),
        ("small-garbage", "nobody asked for"), ("unasked-answers", "nobody asked for"),
        ("unasked-bytes", "nobody asked for"), ("unknown-services", "services that are not there"),
        ("repeated-numbers", "the number of an open one"),
        ("roots-that-are-none", "roots that are none"), ("million-roots", "roots that are none"),
        ("children-of-json", "a message is too long"), ("million-parents", "a message is too long"),
    ]
    /// What is not taken, or goes on.
    private static let others: [Attack] = [
        ("another-key", "Key does not match"), ("another-version", "another version of CHUM"),
        ("changing-roots", "did not come"), ("million-children", "children that are none"),
        ("my-contacts", "a Leute may not come"), ("my-profile", "the owner's profile"),
        ("my-keys", "the owner other keys"), ("grants", "a IdAccess may not come"),
        ("conversation-of-others", "a conversation of others"), ("my-files", "the owner's files"),
        ("forged-signature", "the owner has not signed it"), ("no-list", "its head is no"),
        ("many-references", "was not announced"), ("deep-microdata", "no object of its type"),
        ("withheld-picture", "did not come"), ("slow-reader", "takes no data"), ("trickle", "slower than"),
    ]
    /// What is as it may be, however strange: messages, and how many.
    private static let strange = ["hard-times": 5, "hard-names": 1, "deep-history": 1, "known-history": 0]

    /// Of fifty contacts at once; far below the gigabyte that each of eight of them sends if it may.
    private static let megabytesMax = 700

    @Test func `Whatever contacts do that dial, each is told of once, and all others are served`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let serving = try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            let jon = try await contact("jon", of: archive, home)
            let attacks = Self.breaks + Self.others
            let contacts = try await archive.json("contacts").count
            // Those first that take their time.
            let names = attacks.map(\.name).reversed() + Self.strange.keys.sorted()
            let python = try await start(names, archive, home)
            try await eventually("they are at it", within: .seconds(40)) {
                python.outputSoFar.contains("BEGIN trickle")
            }
            // One of the owner's devices and another contact in the middle of it.
            let id = try #require(try await jon.json("conversations").first?["id"] as? String)
            try await eventually("the laptop has heard of Jon", within: .seconds(20)) {
                try await laptop.json("conversations").contains { $0["id"] as? String == id }
            }
            try await laptop.succeed("say", id, "from the laptop")
            try await jon.succeed("say", id, "from Jon")
            try await eventually("both are heard", within: .seconds(30)) {
                try await Set(archive.json("log", id).compactMap { $0["text"] as? String })
                    == ["from the laptop", "from Jon"]
            }
            #expect(!python.outputSoFar.contains("OVER trickle"))
            try await check(attacks, archive)
            try await eventually("who behaves is served again", within: .seconds(30)) {
                let output = python.outputSoFar
                return Self.breaks.allSatisfy { output.contains("SERVED \($0.name) ") }
            }
            let peak = try peakMegabytes(of: serving)
            #expect(peak < Self.megabytesMax)
            #expect(serving.isRunning)
            #expect(try await archive.json("contacts").count == contacts + names.count)
            try await checkStrange(archive, home)
            // Two, and what the strange ones and the slow reader have written.
            #expect(try await archive.status().stats.messages == 2 + 7 + 1)
            let fsck = try await archive.iom("fsck")
            #expect(fsck.exitCode == 0, "\(fsck.output)")
        }
    }

    @Test func `Whatever contacts do that are dialled, each is told of once`() async throws {
        let names: Set = [
            "wrong-nonce", "endless-fragments", "json-of-numbers", "roots-that-are-none", "another-key",
            "changing-roots",
            "my-contacts", "forged-signature",
        ]
        let attacks = (Self.breaks + Self.others).filter { names.contains($0.name) }
        try await Household.with { home in
            let archive = try await home.found()
            let python = try start(home, "listen", attacks.map(\.name))
            try await eventually("they listen") { python.outputSoFar.split(separator: "\n").count == attacks.count }
            for line in python.outputSoFar.split(separator: "\n") {
                try await archive.succeed("contact", "accept", String(line.drop { $0 != "{" }))
            }
            let serving = try await archive.serve()
            try await check(attacks, archive)
            #expect(try peakMegabytes(of: serving) < Self.megabytesMax)
            #expect(try await archive.status().stats.messages == 0)
            #expect(try await archive.iom("fsck").exitCode == 0)
        }
    }

    // MARK: Who takes part

    private func contact(_ name: String, of archive: Instance, _ home: Household) async throws -> Instance {
        let other = try home.instance(name)
        try await other.succeed("init", "--name", name, "--owner", "Jonas Aske", "--email", "\(name)@jona.invalid")
        let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
        try await other.succeed("contact", "accept", link)
        try await other.serve()
        try await eventually("they are connected", within: .seconds(20)) {
            try await !other.json("conversations").isEmpty
        }
        return other
    }

    private func start(_ names: [String], _ archive: Instance, _ home: Household) async throws -> RunningProgram {
        var words: [String] = []
        for name in names {
            words.append("\(name)=" + (try await archive.succeed("invite", "--contact", "--no-wait").lines[0]))
        }
        return try start(home, "dial", words)
    }

    private func start(_ home: Household, _ role: String, _ words: [String]) throws -> RunningProgram {
        let script = FilePath(#filePath).removingLastComponent().appending("hostile_contact.py").string
        let arguments = ["-u", script, Household.tools.string, role] + words
        return try home.start(Program(executable: "python3", arguments: arguments))
    }

    /// The conversation with one of them; without a profile it is called by the hash of the person.
    private func conversation(with name: String, at instance: Instance) async throws -> String {
        let person = OneObject("Person", [("email", .string("\(name)@hostile.test"))])
        let hash = try Microdata.idHash(of: person, .standard).hex
        let all = try await instance.json("conversations").compactMap { $0["id"] as? String }
        return try #require(all.first { $0.contains(hash) }, "\(name)")
    }

    // MARK: What is to be seen of it

    /// One event of each that says what it did.
    private func check(_ attacks: [Attack], _ instance: Instance) async throws {
        for attack in attacks {
            try await eventually("\(attack.name) is told of", within: .seconds(90), pause: .milliseconds(200)) {
                try await !failures(of: attack.name, at: instance).isEmpty
            }
        }
        for attack in attacks {
            let failures = try await failures(of: attack.name, at: instance)
            #expect(failures.count == 1 && failures[0].contains(attack.reason), "\(attack.name): \(failures)")
        }
    }

    private func failures(of name: String, at instance: Instance) async throws -> [String] {
        try await instance.json("events", "--since", "1h").filter { event in
            event["source"] as? String == "\(name)@hostile.test" && event["status"] as? String == "failed"
        }.compactMap { $0["details"] as? String }
    }

    private func checkStrange(_ archive: Instance, _ home: Household) async throws {
        for (name, count) in Self.strange {
            let id = try await conversation(with: name, at: archive)
            try await eventually("\(name) is taken", within: .seconds(20)) {
                try await archive.json("log", id).count == count
            }
        }
        guard Household.canMount else { return }
        let mount = try await archive.mount()
        let plain = try await home.sh("find '\(mount)/conversations' -print0 | LC_ALL=C grep -zP '[\\x01-\\x1f\\x7f]'")
        #expect(plain.exitCode == 1, "\(plain.output)\(plain.errors)")
        let found = try await home.sh("find '\(mount)/conversations' -name '*.md' -exec cat {} +")
            .mustSucceed()
        #expect(!found.output.contains("\u{1B}") && found.output.contains("time -1"), "\(found.output.prefix(2_000))")
    }

    private func peakMegabytes(of program: RunningProgram) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(program.processID)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let words = try #require(line).split(separator: " ")
        return try #require(Int(words[1])) / 1024
    }
}
