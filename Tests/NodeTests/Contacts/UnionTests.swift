import Foundation
import Objects
import Storage
import SystemPackage
import Testing

@testable import Node

/// Two persons with instances of their own become one.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct UnionTests {
    private func events(_ type: String, at instance: Instance) async throws -> Int {
        try await instance.json("events").count { $0["type"] as? String == type }
    }

    private func titles(at instance: Instance) async throws -> Set<String> {
        Set(try await instance.json("conversations").compactMap { $0["id"] as? String })
    }

    @Test func `Two instances that were strangers have each other's conversations, and are no contacts`() async throws {
        try await Household.with { home in
            let archive = try await home.demo(name: "archive", "--messages", "300")
            let phone = try await home.found(name: "phone", owner: "Jonas Aske")
            try await archive.serve()
            try await phone.serve()
            let known = try await titles(at: archive)
            let contacts = try await archive.json("contacts").count
            let link = try await archive.succeed("invite", "--one", "--no-wait").lines[0]
            #expect(link.contains("inviteDevice"))
            let joined = try await phone.run(["join", "--one", link], within: .seconds(60)).mustSucceed()
            #expect(joined.output.contains("is you, too, now"))
            try await eventually("both have affirmed", within: .seconds(60)) {
                try await events("united", at: archive) == 1
            }
            #expect(try await events("united", at: phone) == 1)
            // Nobody is their own contact.
            #expect(try await archive.json("contacts").count == contacts)
            try await eventually("all conversations are there", within: .seconds(120), pause: .milliseconds(500)) {
                known.isSubset(of: try await titles(at: phone))
            }
            // Whose link it was, it is used up.
            let again = try await phone.iom("join", "--one", link)
            #expect(again.exitCode == 1 && again.errors.contains("ask for a new one"), "\(again.errors)")
            try await archive.succeed("fsck")
            try await phone.succeed("fsck")
        }
    }

    @Test func `Who is asked and did not expect it, decides`() async throws {
        try await Household.with { home in
            let archive = try await home.found(name: "archive")
            let phone = try await home.found(name: "phone", owner: "Jonas Aske")
            try await archive.serve()
            try await phone.serve()
            let link = try await archive.succeed("invite", "--one", "--no-wait").lines[0]
            // As a contact the link is refused, so that nobody takes it for that.
            let refused = try await phone.iom("contact", "accept", link)
            #expect(refused.exitCode == 1 && refused.errors.contains("iom join"))
            try await phone.succeed("contact", "accept", link.replacing("inviteDevice", with: "invitePartner"))
            try await eventually("it is told", within: .seconds(60)) { try await events("union-asked", at: phone) == 1 }
            #expect(try await events("united", at: phone) == 0)
            #expect(try await phone.json("contacts").count == 1)
            try await phone.succeed("contact", "unite", "mira@demo.invalid")
            try await eventually("both are one", within: .seconds(60)) {
                try await events("united", at: archive) == 1
            }
            #expect(try await phone.json("contacts").isEmpty)
        }
    }

    @Test func `A conversation that begins after two have become one is both of theirs`() async throws {
        try await Household.with { home in
            let archive = try await home.found(name: "archive")
            let phone = try await home.found(name: "phone", owner: "Jonas Aske")
            let kim = try await home.found(name: "kim", owner: "Kimi Oda")
            for instance in [archive, phone, kim] { try await instance.serve() }
            let link = try #require(try await archive.succeed("invite", "--one", "--no-wait").lines.first)
            try await phone.run(["join", "--one", link], within: .seconds(60)).mustSucceed()
            try await eventually("both have affirmed", within: .seconds(60)) {
                try await events("united", at: archive) == 1
            }
            let id = try await home.befriend(archive, kim)
            try await kim.succeed("say", id, "to whom you are here")
            try await phone.hears("to whom you are here", in: id)
            try await phone.succeed("say", id, "and to whom I am there")
            try await kim.hears("and to whom I am there", in: id)
            try await archive.hears("and to whom I am there", in: id)
            // The one both are towards others may say whose keys count.
            try await archive.stop()
            let node = try archive.open()
            let main = try Microdata.idHash(
                of: OneObject("Person", [("email", .string("phone@jona.invalid"))]),
                .standard
            )
            for (type, license) in [
                ("RightToDeclareTrustedKeysForEverybodyCertificate", License.rightToDeclareTrustedKeysForEverybody),
                ("RightToDeclareTrustedKeysForSelfCertificate", License.rightToDeclareTrustedKeysForSelf),
            ] {
                let license = try EncodedObject(license, .standard).hash
                let right = OneObject(
                    type,
                    [("beneficiary", .reference(main.objectHash)), ("license", .reference(license))]
                )
                #expect(try node.store.contains(EncodedObject(right, .standard).hash))
            }
        }
    }
}
