import Catalog
import Foundation
import Objects
import Peers
import Storage
import Synchronization
import SystemPackage
import Testing

@testable import Node

/// Two people become contacts, over real sockets: with another IoM, and with an independent ONE peer in both roles.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct ContactTests {
    @Test func `Two IoMs pair, know each other's keys, and have a conversation`() async throws {
        try await Household.with { home in
            let mira = try await home.found(name: "mira")
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            try await mira.serve()
            let link = try await mira.succeed("invite", "--contact", "--no-wait").lines[0]
            #expect(link.hasPrefix("https://iom.invalid/invites/invitePartner/?invited=true#"))
            // Where no node runs, the command does it alone.
            let accepted = try #require(try await jon.json("contact", "accept", link).first)
            #expect(accepted["email"] as? String == "mira@demo.invalid")
            #expect(accepted["instance"] as? String == "mira")
            let contact = try #require(try await mira.json("contacts").first)
            let identity = try #require((contact["identities"] as? [[String: Any]])?.first)
            #expect(identity["email"] as? String == "jon@jona.invalid")
            #expect(identity["isPaired"] as? Bool == true)
            #expect(try await mira.succeed("contacts").output == "jon@jona.invalid  (paired)\n")
            let conversation = try #require(accepted["conversation"] as? String)
            for instance in [mira, jon] {
                let listed = try await instance.json("conversations")
                #expect(listed.compactMap { $0["id"] as? String } == [conversation])
                #expect((listed.first?["participants"] as? [Any])?.count == 2)
                let events = try await instance.json("events").filter { $0["type"] as? String == "paired" }
                #expect(events.count == 1)
            }
            try await jon.succeed("say", conversation, "hello")
            // It is in the tree, under what the contact is called: a hash until the name has come.
            let person = try #require(accepted["person"] as? String)
            let names = try await jon.succeed("ls", "conversations").output
            #expect(names.contains(person))
            #expect(try await jon.succeed("cat", "conversations/\(person)/about.md").output.contains("Messages: 1"))
            // The same link again.
            let again = try await jon.iom("contact", "accept", link)
            #expect(again.exitCode == 1 && again.errors.contains("ask for a new one"), "\(again.errors)")
            // They may pair again: nothing is there twice.
            let other = try await mira.succeed("invite", "--contact", "--no-wait").lines[0]
            try await jon.succeed("contact", "accept", other)
            #expect(try await mira.json("contacts").count == 1)
            #expect(try await jon.json("conversations").count == 1)
        }
    }

    @Test(.enabled(if: PythonPeer.isThere)) func `The Python peer follows an invitation`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
            let outcome = try await PythonPeer().follow(link)
            #expect(outcome.lines.first == "synchronisation", "\(outcome.errors)")
            let told = try JSONSerialization.jsonObject(with: Data(outcome.lines[1].utf8)) as? [String: String]
            #expect(told?["personEmail"] == "mira@demo.invalid")
            #expect(told?["instanceName"] == "archive")
            #expect(told?["url"] == "ws://127.0.0.1:\(archive.port)")
            #expect(told?.count == 8)
            try await checkStored("python@rig.test", at: archive, address: nil)
            let second = try await PythonPeer().follow(link)
            #expect(second.exitCode != 0)
        }
    }

    @Test(.enabled(if: PythonPeer.isThere), arguments: ["", "silent"])
    func `An invitation of the Python peer is accepted`(_ manner: String) async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let (python, invitation) = try await PythonPeer(lie: manner).listen(in: home)
            let accepted = try #require(try await archive.json("contact", "accept", invitation).first)
            #expect(accepted["email"] as? String == "python@rig.test")
            let told = try #require(python.outputSoFar.split(separator: "\n").last)
            #expect(told.contains("\"personEmail\": \"mira@demo.invalid\"") && !told.contains("\"url\""))
            let url = try #require(Invitation(invitation)).url
            try await checkStored("python@rig.test", at: archive, address: url)
        }
    }

    /// The contact, its keys, its conversation, and what is granted to it.
    private func checkStored(_ email: String, at archive: Instance, address: String?) async throws {
        if archive.process != nil { try await archive.stop() }
        let node = try archive.open()
        let owner = try node.requireIdentity().ownerID
        let person = try Microdata.idHash(of: OneObject("Person", [("email", .string(email))]), .standard)
        let endpoint = try #require(try node.contactBook.endpoints().first { $0.personID == person })
        #expect(endpoint.url == address)
        let keys = try #require(try node.contactBook.personKeys(of: person).first)
        #expect(try node.contactBook.endpoints(ofInstanceKey: endpoint.instanceKey) == [endpoint])
        #expect(try node.author.versions.idObject(endpoint.instanceID).text("name") == "python-node")
        // The owner's word makes the sign key count.
        #expect(try node.catalog.trustedKeys(of: person).contains(keys.publicSignKey))
        let profile = try ContactBook.defaultProfile(of: owner, by: owner, .standard)
        let topic = try node.catalog.topic(Author.pairID(owner, person)).topic
        let granted = try node.author.commit { draft in
            try [Shareable.versions(of: profile), .object(topic)].map {
                try node.author.persons(granted: $0, in: draft)
            }
        }
        #expect(granted == [[person], [owner, person]])
        #expect(try node.events.events(last: 100).count { $0.type == "paired" && $0.count == 1 } == 1)
    }

    @Test(.enabled(if: PythonPeer.isThere)) func `Contacts learn of another address by the owner's profile`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found()
            func addresses() throws -> [String] {
                let node = try archive.open()
                let owner = try node.requireIdentity().ownerID
                return try node.contactBook.endpoints().filter { $0.personID == owner }.compactMap(\.url)
            }
            try archive.configure("instance", "endpoint = \"ws://127.0.0.1:\(archive.port)\"")
            try await archive.serve()
            try await archive.stop()
            #expect(try addresses().isEmpty)
            try await archive.serve()
            let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
            #expect(try await PythonPeer().follow(link).exitCode == 0)
            try await archive.stop()
            #expect(try addresses() == ["ws://127.0.0.1:\(archive.port)"])
            try archive.configure("instance", "endpoint = \"ws://box.example.org:8765\"")
            try await archive.serve()
            try await archive.stop()
            #expect(try addresses() == ["ws://box.example.org:8765"])
        }
    }

    @Test func `Only a device with the owner's key makes contacts`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try await archive.serve()
            let laptop = try await home.join(to: archive)
            try await laptop.serve()
            let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
            for arguments in [["invite", "--contact"], ["contact", "accept", link]] {
                let outcome = try await laptop.run(arguments)
                #expect(
                    outcome.exitCode == 1 && outcome.errors.contains("has not the owner's key"),
                    "\(outcome.errors)"
                )
            }
            let own = try await archive.iom("contact", "accept", link)
            #expect(own.exitCode == 1 && own.errors.contains("your own"), "\(own.errors)")
            let device = try await archive.succeed("invite", "--no-wait").lines[0]
            let wrong = try await home.found(name: "jon", owner: "Jonas Aske").iom("contact", "accept", device)
            #expect(wrong.exitCode == 1 && wrong.errors.contains("iom join"), "\(wrong.errors)")
            // Nor does a link for a contact let a device in.
            let joined = try await home.instance("tablet").iom("join", link, "--name", "tablet")
            #expect(joined.exitCode == 1)
            #expect(try await archive.json("events").filter { $0["type"] as? String == "pairing-failed" }.isEmpty)
        }
    }

    @Test func `Conversations are shared with a contact and taken back`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            try await archive.serve()
            let link = try await archive.succeed("invite", "--contact", "--no-wait").lines[0]
            try await jon.succeed("contact", "accept", link)
            try await archive.stop()
            try archive.writeConversations(["Book club"])
            #expect(try await archive.succeed("share", "Book club", "jon@jona.invalid").output.contains("shared with"))
            let participants = try await archive.json("conversations").first { $0["title"] as? String == "Book club" }
            #expect((participants?["participants"] as? [Any])?.count == 2)
            #expect(
                try await archive.json("unshare", "Book club", "jon").first?["conversation"] as? String == "Book club"
            )
            let again = try await archive.iom("unshare", "Book club", "jon")
            #expect(again.exitCode == 1 && again.errors.contains("is not shared with"))
            #expect(try await archive.iom("share", "Book club", "nobody").errors.contains("no contact `nobody`"))
            #expect(try await archive.iom("share", "Cook club", "jon").errors.contains("did you mean `Book club`"))
            // The conversation of the two is there already, and can be taken back, too.
            let pair = try #require(try await archive.json("share", "jon").first?["id"] as? String)
            try await archive.succeed("unshare", pair, "jon")
            try await archive.succeed("share", pair, "jon")
        }
    }
}
