import Foundation
import Node
import Objects
import SystemPackage
import TestSupport
import Testing

/// Conversations with contacts over real sockets: with another IoM, and with an independent ONE peer in both roles.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ContactConversationTests {
    @Test(.enabled(if: PythonPeer.isThere), arguments: [true, false])
    func `Two hundred messages come from a ONE peer through cuts, and an answer goes there`(_ isDialled: Bool)
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let peer = try await pair(archive, home, PythonChum(cutCount: 4), isDialled)
            try await eventually("all messages are here", within: .seconds(90)) {
                try await messages(of: archive).count == 200
            }
            let log = try await messages(of: archive)
            #expect(log.allSatisfy { $0["verified"] as? Bool == true }, "\(log.first ?? [:])")
            try await eventually("all attachments are here", within: .seconds(60)) {
                let stats = try await archive.status().stats
                return stats.totalObjects == stats.localObjects
            }
            try await check(peer.outputSoFar, archive)
            let file = home.directory.appending("answer.bin")
            try home.write(SeededRandom(seed: 4).bytes(300_000), to: file)
            let id = try #require(try await archive.json("conversations").first?["id"] as? String)
            try await archive.succeed("say", id, "an answer", "--attach", file.string)
            try await eventually("the answer is there", within: .seconds(30)) {
                let output = peer.outputSoFar
                return output.contains("GOT an answer") && output.contains(" 300000")
            }
        }
    }

    @Test(.enabled(if: PythonPeer.isThere), arguments: ["leute", "hash"])
    func `What a ONE peer may not bring is told once, and the rest comes`(_ lie: String) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            _ = try await pair(archive, home, PythonChum(messageCount: 3, lie: lie), true)
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

    private func pair(
        _ archive: Instance,
        _ home: Household,
        _ peer: PythonChum,
        _ isDialled: Bool
    ) async throws -> RunningProgram {
        if isDialled {
            let program = try peer.start(in: home)
            try await eventually("the Python peer listens") { program.outputSoFar.contains("\n") }
            let invitation = try #require(program.outputSoFar.split(separator: "\n").first.map(String.init))
            try await archive.succeed("contact", "accept", invitation)
            return program
        }
        let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
        return try peer.start(in: home, link: link)
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

    /// Every blob the peer told of is here with its size.
    private func check(_ output: String, _ instance: Instance) async throws {
        let blobs = output.split(separator: "\n").filter { $0.hasPrefix("BLOB ") }.map { $0.split(separator: " ") }
        #expect(blobs.count >= 40)
        for blob in blobs.prefix(8) {
            let path = instance.objects.appending(String(blob[1].prefix(2))).appending(String(blob[1]))
            let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
            #expect((attributes[.size] as? Int) == Int(blob[2]))
        }
    }
}
