import Foundation
import Glibc
import Objects
import Synchronization
import SystemPackage
import Testing

@testable import Node

/// Joining by an invitation, as two people do it.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct JoiningTests {
    @Test func `An invitation lets one device in, once, under a name of its own`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let link = try await archive.succeed("invite").lines[0]
            func join(_ folder: String, _ link: String, as name: String) async throws -> Program.Outcome {
                try await home.instance(folder).iom("join", link, "--name", name)
            }
            #expect(try await join("1", link, as: "laptop").exitCode == 0)
            let second = try await join("2", link, as: "phone")
            #expect(second.exitCode == 1 && second.errors.contains("was used"))
            let other = try await archive.succeed("invite").lines[0]
            for (folder, name) in [
                ("3", "laptop"), ("4", "archive"), ("5", ".."), ("6", "\u{202E}gpj"), ("7", "a\u{1B}[2J"),
                ("8", "lap\u{200B}top"), ("9", " phone"), ("10", String(repeating: "x", count: 65)), ("11", "a/b"),
            ] {
                let outcome = try await join(folder, other, as: name)
                #expect(outcome.exitCode == 1, "\(name)")
                #expect(!outcome.errorBytes.contains(0x1B))
            }
            // A name that cannot be had does not use the invitation up.
            #expect(try await join("12", other, as: "phone").exitCode == 0)
            let names = try await archive.json("peers").compactMap { $0["name"] as? String }
            #expect(names == ["archive", "laptop", "phone"])
            // Of several that come with the same name at the same moment one gets it.
            var links: [String] = []
            for _ in 0..<6 { links.append(try await archive.succeed("invite").lines[0]) }
            let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
                for (index, link) in links.enumerated() {
                    group.addTask { try await join("same\(index)", link, as: "tablet").exitCode }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == 0 } == 1, "\(codes)")
        }
    }

    @Test func `An invitation that has expired is refused`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let time = MovableTime()
            let node = try archive.open(time: time)
            try await node.listening {
                let first = try await node.link(MakeInvitation(minutes: 10, waits: false))
                let second = try await node.link(MakeInvitation(minutes: 10, waits: false))
                time.advance(by: .seconds(9 * 60))
                #expect(try await home.instance("early").iom("join", first, "--name", "early").exitCode == 0)
                time.advance(by: .seconds(2 * 60))
                let late = try await home.instance("late").iom("join", second, "--name", "late")
                #expect(late.exitCode == 1 && late.errors.contains("expired"))
            }
        }
    }

    @Test func `A join that is killed leaves nothing that blocks another try`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            var dice = Dice(seed: 3)
            for attempt in 0..<12 {
                let device = try home.instance("device-\(attempt)")
                let link = try await archive.succeed("invite").lines[0]
                let join = try home.start(device.program(["join", link, "--name", "first-\(attempt)"]))
                usleep(UInt32.random(in: 1_000...200_000, using: &dice))
                _ = await join.end(SIGKILL)
                if try await device.iom("status").exitCode == 0 { continue }
                let again = try await archive.succeed("invite").lines[0]
                try await device.succeed("join", again, "--name", "second-\(attempt)")
                try await device.succeed("fsck")
            }
            // The others are not in its way either.
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            try await eventually("it is connected") { try await laptop.status().connections.count == 1 }
        }
    }
}
