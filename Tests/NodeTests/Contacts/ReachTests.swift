import Node
import SystemPackage
import Testing

/// A laptop that has met nobody writes to the owner's contacts, and reads what they answer, through the archive.
@Suite(.serialized, .enabled(if: Household.canMount), .timeLimit(.minutes(5)))
struct ReachTests {
    @Test func `What is written on a laptop reaches a contact through the archive, and the answer comes back`()
        async throws
    {
        try await Household.with { home in
            let archive = try await home.found(name: "mira")
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            try await archive.serve()
            try await jon.serve()
            let laptop = try await home.join(to: archive)
            let id = try await home.befriend(archive, jon)
            for instance in [laptop, jon] { try await instance.mount() }
            try await eventually("the laptop has the conversation") {
                try await laptop.json("conversations").contains { $0["id"] as? String == id }
            }
            let (picture, answer) = (
                try home.file("beach.jpg", byteCount: 90_000), try home.file("answer.pdf", byteCount: 2_500_000)
            )
            try await laptop.succeed("say", id, "from the laptop", "--attach", picture.string)
            try await jon.hears("from the laptop", in: id)
            try await home.expectSame(picture, at: jon)
            try await jon.succeed("say", id, "an answer", "--attach", answer.string)
            try await laptop.hears("an answer", in: id)
            try await home.expectSame(answer, at: laptop)
            // The archive begins anew.
            try await archive.stop()
            try await archive.serve()
            try await laptop.succeed("say", id, "after a restart")
            try await jon.hears("after a restart", in: id, within: .seconds(60))
            // The contact is away.
            try await jon.stop()
            let late = try home.file("late.bin", byteCount: 1_200_000)
            try await laptop.succeed("say", id, "while you were away", "--attach", late.string)
            try await archive.hears("while you were away", in: id)
            try await jon.serve()
            try await jon.mount()
            try await jon.hears("while you were away", in: id, within: .seconds(60))
            try await home.expectSame(late, at: jon)
            let all = try await archive.json("log", id)
            #expect(all.count == 4 && all.allSatisfy { $0["verified"] as? Bool == true }, "\(all)")
        }
    }

    @Test func `A conversation that is shared on a laptop reaches the contact`() async throws {
        try await Household.with { home in
            let archive = try await home.found(name: "mira")
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            try archive.writeConversations(["Book club"], text: "chapter one")
            try await archive.serve()
            try await jon.serve()
            let laptop = try await home.join(to: archive)
            try await home.befriend(archive, jon)
            try await laptop.serve()
            try await eventually("the laptop knows both") {
                let (contacts, conversations) = (
                    try await laptop.json("contacts"), try await laptop.json("conversations")
                )
                return contacts.count == 1 && conversations.count == 2
            }
            try await laptop.succeed("share", "Book club", "jon@jona.invalid")
            let id = "topic-0Book club"
            try await jon.hears("chapter one", in: id)
            try await laptop.succeed("say", "Book club", "chapter two")
            try await jon.hears("chapter two", in: id)
            // And back, without anything said by the other side about who may read it.
            try await jon.succeed("say", "Book club", "chapter three")
            try await laptop.hears("chapter three", in: id)
        }
    }

    @Test func `A device that keeps little reads what only a contact has, through one that keeps little, too`()
        async throws
    {
        try await Household.with { home in
            let box = try home.instance("box")
            let person = ["--owner", "Mira Sandberg", "--email", "mira@demo.invalid"]
            try await box.run(["init", "--name", "box", "--role", "cache"] + person).mustSucceed()
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            try await box.serve()
            try await jon.serve()
            let laptop = try await home.join(to: box)
            let id = try await home.befriend(box, jon)
            try await laptop.mount()
            try await eventually("the laptop has the conversation") {
                try await laptop.json("conversations").contains { $0["id"] as? String == id }
            }
            let (small, large) = (
                try home.file("small.bin", byteCount: 40_000), try home.file("large.bin", byteCount: 5_000_000)
            )
            try await jon.succeed("say", id, "two files", "--attach", small.string, "--attach", large.string)
            try await laptop.hears("two files", in: id)
            try await home.expectSame(small, at: laptop)
            try await home.expectSame(large, at: laptop)
        }
    }

    @Test func `A device that keeps little and has the owner's key gives contacts what others of the owner have`()
        async throws
    {
        try await Household.with { home in
            let phone = try home.instance("phone")
            let person = ["--owner", "Mira Sandberg", "--email", "mira@demo.invalid"]
            try await phone.run(["init", "--name", "phone", "--role", "minimal"] + person).mustSucceed()
            try phone.configure("load_on_demand", "lazy = [\"recent-messages\", \"old-messages\", \"files\"]")
            let jon = try await home.found(name: "jon", owner: "Jonas Aske")
            try await phone.serve()
            try await jon.serve()
            let id = try await home.befriend(phone, jon)
            // Alone it has everything.
            try await phone.succeed("say", id, "alone")
            try await jon.hears("alone", in: id)
            let archive = try await home.join(name: "archive", role: "archive", to: phone)
            try await archive.serve()
            try await eventually("the archive has the conversation") {
                try await archive.texts(of: id) == ["alone"]
            }
            try await jon.stop()
            for text in ["one", "two", "three"] { try await archive.succeed("say", id, text) }
            try await eventually("the phone knows of it") {
                let conversation = try await phone.json("conversations").first { $0["id"] as? String == id }
                return conversation?["messages"] as? Int == 4
            }
            try await jon.serve()
            try await jon.hears("three", in: id, within: .seconds(60))
            #expect(try await jon.texts(of: id) == ["alone", "one", "two", "three"])
            try await jon.succeed("say", id, "an answer")
            try await archive.hears("an answer", in: id)
            // With nobody to ask, what was said here goes out all the same.
            try await archive.stop()
            try await phone.succeed("say", id, "without the archive")
            try await jon.hears("without the archive", in: id)
        }
    }
}
