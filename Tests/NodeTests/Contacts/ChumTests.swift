import Foundation
import Node
import Objects
import SystemPackage
import TestSupport
import Testing

/// Conversations with contacts over real sockets: with another IoM, and with an independent ONE peer in both roles.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ContactConversationTests {
    @Test(.enabled(if: PythonPeer.isThere), arguments: ["leute", "hash"])
    func `What a ONE peer may not bring is told once, and the rest comes`(_ lie: String) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            _ = try await PythonChum(messageCount: 3, lie: lie).meet(archive, in: home, isDialled: true)
            try await eventually("the messages are here") { try await messages(of: archive).count == 3 }
            try await eventually("it is told") { try await refusals(at: archive) == 1 }
            #expect(try await archive.json("contacts").count == 1)
            // Two more rounds of the importer.
            try await eventually("a message said now is there", within: .seconds(30)) {
                try await refusals(at: archive) == 1
            }
        }
    }

    @Test func `What one IoM says another one reads, with names and attachments on demand`() async throws {
        try await Household.with { home in
            let mira = try await home.found(name: "mira")
            let jon = try home.instance("jon")
            let person = ["--owner", "Jonas Aske", "--email", "jon@jona.invalid"]
            try await jon.run(["init", "--name", "jon", "--role", "cache"] + person).mustSucceed()
            try await mira.serve()
            let link = try await mira.succeed("invite", "--contact", "--no-wait").lines[0]
            try await jon.succeed("contact", "accept", link)
            try await jon.serve()
            let (small, large) = (home.directory.appending("small.bin"), home.directory.appending("large.bin"))
            try home.write(SeededRandom(seed: 1).bytes(70_000), to: small)
            try home.write(SeededRandom(seed: 2).bytes(6_000_000), to: large)
            let id = try #require(try await mira.json("conversations").first?["id"] as? String)
            try await mira.succeed("say", id, "two files", "--attach", small.string, "--attach", large.string)
            try await eventually("the message is there", within: .seconds(30)) {
                try await messages(of: jon).count == 1
            }
            let title = try #require(try await jon.json("conversations").first?["title"] as? String)
            #expect(title == "Mira Sandberg")
            let mount = try await jon.mount()
            for bytes in [SeededRandom(seed: 1).bytes(70_000), SeededRandom(seed: 2).bytes(6_000_000)] {
                let hash = ObjectHash(of: bytes)
                #expect(!jon.holds(hash) && mira.holds(hash))
            }
            let found = try await home.sh(
                "find '\(mount)/conversations/\(title)' -name '*.bin' -exec cmp {} \(small) \\;"
            )
            #expect(found.output.contains("differ"))
            for file in [small, large] {
                let name = try #require(file.lastComponent?.string)
                let same = try await home.sh("cmp '\(mount)/conversations/\(title)'/*/*' \(name)' \(file)")
                #expect(same.exitCode == 0, "\(same.output)\(same.errors)")
            }
            try await mira.stop()
            try await jon.succeed("say", id, "thanks")
            try await mira.serve()
            try await eventually("the answer is there", within: .seconds(60)) {
                try await messages(of: mira).count == 2
            }
        }
    }

    private func messages(of instance: Instance) async throws -> [[String: Any]] {
        guard let id = try await instance.json("conversations").first?["id"] as? String else { return [] }
        return try await instance.json("log", id)
    }

    private func refusals(at instance: Instance) async throws -> Int {
        try await instance.json("events").filter { event in
            event["type"] as? String == "sync-failed"
                && (event["details"] as? String)?.hasPrefix("not taken") == true
        }.count
    }
}
