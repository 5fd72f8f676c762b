import Catalog
import Foundation
import Objects
import Peers
import Synchronization
import SystemPackage
import Testing

@testable import Node

/// Peers that lie while they pair: each is told of once, and nothing of it stays.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: PythonPeer.isThere))
struct LiarTests {
    private static let other = String(repeating: "ab", count: 32)

    /// What is wrong, with what, and what the event says.
    private static let lies: [(lie: String, value: String, reason: String)] = [
        ("personEmail", "somebody@rig.test", "another person than"), ("instanceName", "node", "another instance than"),
        ("personKeyPublic", other, "another person key than"), ("personSignKeyPublic", other, "another sign key than"),
        ("instanceKeyPublic", other, "another instance key than"), ("instanceSignKeyPublic", "ab", "not one"),
        ("type", "private", "expected an identity"), ("url", "http://rig.test", "the address in an identity"),
        ("keys-owner", other, "the keys are of another person"),
        ("instance-owner", other, "the instance is another person's"),
        ("answer", "", "does not have the person's key"), ("echo", "", "does not have the person's key"),
    ]

    @Test func `Whoever follows an invitation with a lie becomes no contact`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let before = try objects(of: archive)
            let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
            let wrongToken = (lie: "token", value: String(repeating: "x", count: 64), reason: "is not known, was used")
            for (number, lie) in (Self.lies + [wrongToken]).enumerated() {
                // A lie after the token uses the invitation up; one before does not.
                let link = number < 8 ? try await archive.succeed("invite", "--contact", "--no-wait").lines[0] : link
                let outcome = try await PythonPeer(lie: lie.lie, value: lie.value).follow(link)
                #expect(outcome.exitCode != 0 && !outcome.output.contains("synchronisation"), "\(lie)")
                try await checkFailure(lie.reason, count: number + 1, at: archive)
            }
            #expect(try objects(of: archive) == before)
            // The invitation that was not reached is still good.
            let good = try await PythonPeer().follow(link)
            #expect(good.exitCode == 0, "\(good.errors)")
            #expect(try await archive.json("contacts").count == 1)
            // Somebody else with the same email is not the one that was met.
            let last = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
            let stored = try objects(of: archive)
            #expect(try await PythonPeer().follow(last).exitCode != 0)
            try await checkFailure("Key does not match your previous visit", count: Self.lies.count + 2, at: archive)
            #expect(try objects(of: archive) == stored)
        }
    }

    @Test func `Whoever invites with a lie becomes no contact`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let before = try objects(of: archive)
            let refusal = (lie: "objects", value: "", reason: "the disk is full")
            for (number, lie) in (Self.lies + [refusal]).enumerated() {
                let (python, invitation) = try await PythonPeer(lie: lie.lie, value: lie.value).listen(in: home)
                let outcome = try await archive.iom("contact", "accept", invitation)
                await python.end()
                #expect(outcome.exitCode == 1, "\(lie)")
                #expect(
                    outcome.errors.contains("no contact was made") && outcome.errors.contains(lie.reason),
                    "\(outcome.errors)"
                )
                try await checkFailure(lie.reason, count: number + 1, at: archive)
            }
            #expect(try objects(of: archive) == before)
            #expect(try await archive.json("contacts").isEmpty)
        }
    }

    @Test func `An invitation that has expired makes no contact`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let time = MovableTime()
            let node = try archive.open(time: time)
            try await node.listening {
                let late = try await node.link(MakeInvitation(minutes: 10, waits: false, guest: .contact))
                let good = try await node.link(MakeInvitation(minutes: 20, waits: false, guest: .contact))
                time.advance(by: .seconds(11 * 60))
                #expect(try await PythonPeer().follow(late).exitCode != 0)
                try await eventually("it is told of") {
                    try node.events.events(last: 10).contains { $0.details?.contains("has expired") == true }
                }
                #expect(try node.catalog.contacts().isEmpty)
                #expect(try await PythonPeer().follow(good).exitCode == 0)
                #expect(try node.catalog.contacts().count == 1)
            }
        }
    }

    /// The names of all objects of an instance.
    private func objects(of instance: Instance) throws -> Set<String> {
        let files = try FileManager.default.subpathsOfDirectory(atPath: instance.objects.string)
        return Set(files.filter { $0.utf8.count > 60 })
    }

    /// As many events as pairings that failed, the last of them for this reason.
    private func checkFailure(_ reason: String, count: Int, at instance: Instance) async throws {
        try await eventually("\(reason) is told of") {
            let events = try await instance.json("events").filter { $0["type"] as? String == "pairing-failed" }
            let newest = events.max { ($0["change"] as? Int ?? 0) < ($1["change"] as? Int ?? 0) }
            return events.reduce(0) { $0 + ($1["count"] as? Int ?? 1) } == count
                && (newest?["details"] as? String)?.contains(reason) == true
        }
    }
}
