import Foundation
import Node
import SystemPackage
import Testing

/// What is told of connections with contacts: as much as of those with own devices, and as exactly.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ContactStatusTests {
    private func contact(of instance: Instance) async throws -> Snapshot.Connection? {
        try await instance.status().allConnections.first { $0.role == Snapshot.Connection.contactRole }
    }

    /// The bytes of both sides are those of the relay between them, but for the first connections, which paired.
    private func agree(_ mira: Instance, _ jon: Instance, _ relay: Relay, after count: Int) async throws {
        var last = ""
        try await eventually("both sides count what the relay does", within: .seconds(20)) {
            let before = relay.connections
            guard let there = try await contact(of: mira), let here = try await contact(of: jon) else { return false }
            guard relay.connections == before else { return false }
            let wire = before.dropFirst(count)
            let (up, down) = (wire.reduce(0) { $0 + $1.up }, wire.reduce(0) { $0 + $1.down })
            last = "\(up) \(down), \(there.bytesIn) \(there.bytesOut), \(here.bytesOut) \(here.bytesIn)"
            return [there.bytesIn, here.bytesOut] == [up, up] && [there.bytesOut, here.bytesIn] == [down, down]
        }
        #expect(!last.isEmpty)
    }

    @Test func `A contact's connection is counted to the byte, and told of everywhere`() async throws {
        try await Household.with { home in
            let mira = try await home.found(name: "mira")
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            let relay = try home.relay(to: mira)
            try mira.configure("instance", "endpoint = \"ws://127.0.0.1:\(relay.port)\"")
            try await mira.serve()
            // Where nobody runs, the command pairs and goes.
            let id = try await home.befriend(mira, jon)
            try await eventually("the pairing is over") { try await mira.status().connections.isEmpty }
            let pairing = relay.connections.count
            // It listens nowhere: it is the one that dials.
            try await jon.mount()
            try await eventually("they are connected", within: .seconds(20)) {
                try await contact(of: mira)?.state == .connected
            }
            let file = try home.file("photo.jpg", byteCount: 300_000)
            try await mira.succeed("say", id, "look", "--attach", file.string)
            try await home.expectSame(file, at: jon)
            try await jon.succeed("say", id, "nice")
            try await mira.hears("nice", in: id)
            try await eventually("what one has sent the other has received") {
                let (there, here) = (try await contact(of: mira), try await contact(of: jon))
                return there?.sent == here?.received && there?.received == here?.sent
            }
            try await agree(mira, jon, relay, after: pairing)

            let (there, here) = (try #require(try await contact(of: mira)), try #require(try await contact(of: jon)))
            #expect(there.name == "jon@jona.invalid" && here.name == "mira@demo.invalid")
            #expect(there.isInitiator == false && here.isInitiator == true && there.isRelayed == false)
            #expect(there.since != nil && here.sessions == 1)
            #expect(there.sent.objects > 0 && there.received.objects > 0)
            #expect(here.received.bytes > 300_000)
            #expect(try await mira.succeed("status").output.contains("connected      jon@jona.invalid (contact) at"))
            let line = try #require(try await jon.succeed("peers").lines.last)
            #expect(line.hasPrefix("mira@demo.invalid  contact  online, dialled "), "\(line)")
            let item = try #require(try await jon.json("peers").last)
            #expect((item["connection"] as? [String: Any])?["bytesIn"] as? Int ?? 0 > 300_000)
            let metrics = try String(
                contentsOfFile: jon.mountPoint.appending(".iom/status/metrics.prom").string,
                encoding: .utf8
            )
            #expect(metrics.contains("iom_peer_connected{peer=\"mira@demo.invalid\"} 1"))
            #expect(try await jon.status().received == here.received)
            try await eventually("what moved is told") {
                let events = try await jon.json("events").filter { $0["type"] as? String == "object-received" }
                let counts = events.filter { $0["source"] as? String == here.name }.compactMap { $0["count"] as? Int }
                return counts.reduce(0, +) == here.received.objects
            }

            // It goes, and cannot be reached.
            relay.cut(shut: true)
            try await eventually("both notice", within: .seconds(20)) {
                let (there, here) = (try await contact(of: mira), try await contact(of: jon))
                return there?.state == .closed && here?.state == .closed
            }
            try await eventually("a dial in vain is an error", within: .seconds(40)) {
                try await contact(of: jon)?.errors ?? 0 > here.errors + 1
            }
            #expect(try await contact(of: jon)?.lastError != nil)
            #expect(try await jon.succeed("peers").lines.last == "mira@demo.invalid  contact  offline")
        }
    }

    @Test func `A contact that is called like a device is not taken for it`() async throws {
        try await Household.with { home in
            let mira = try await home.found(name: "mira")
            try await mira.serve()
            let laptop = try await home.join(to: mira)
            try await laptop.mount()
            // The email of a person in ONE is any word.
            let jon = try home.instance("jon")
            let person = ["--owner", "laptop", "--email", "laptop", "--role", "archive"]
            try await jon.run(["init", "--name", "jon"] + person).mustSucceed()
            try await jon.serve()
            let id = try await home.befriend(mira, jon)
            let file = try home.file("theirs.bin", byteCount: 10_000)
            try await jon.succeed("say", id, "mine", "--attach", file.string)
            try await mira.hears("mine", in: id)
            try await mira.mount()
            try await home.expectSame(file, at: mira)
            let path = try await home.find("*theirs.bin", in: mira.mountPoint)
            let holders = try await home.sh("getfattr --only-values -n user.iom.holders '\(path)'").mustSucceed().output
            #expect(holders.contains("contact <laptop>"), "\(holders)")
            #expect(!holders.split { ",\n".contains($0) }.contains("laptop"), "\(holders)")
            let roles = try await mira.json("peers").filter { $0["name"] as? String == "laptop" }
            #expect(roles.compactMap { $0["role"] as? String } == ["cache", "contact"])
        }
    }
}
