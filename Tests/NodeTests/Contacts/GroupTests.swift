import Node
import Testing

/// Conversations of more than two.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct GroupTests {
    @Test func `Three people talk, though only who began has shared it`() async throws {
        try await Household.with { home in
            let mira = try await home.found(name: "mira")
            let (jon, kim) = (
                try await home.found(name: "jon", owner: "Jonas Aske"),
                try await home.found(name: "kim", owner: "Kimi Oda")
            )
            try mira.writeConversations(["Book club"], text: "chapter one")
            for instance in [mira, jon, kim] { try await instance.serve() }
            for (friend, email) in [(jon, "jon@jona.invalid"), (kim, "kim@kimi.invalid")] {
                try await home.befriend(mira, friend)
                try await mira.succeed("share", "Book club", email)
            }
            let id = "topic-0Book club"
            for friend in [jon, kim] { try await friend.hears("chapter one", in: id) }
            try await jon.succeed("say", "Book club", "chapter two")
            try await mira.hears("chapter two", in: id)
            try await kim.hears("chapter two", in: id)
            try await kim.succeed("say", "Book club", "chapter three")
            try await jon.hears("chapter three", in: id)
            // What is taken back is not given again because it is offered once more.
            try await jon.succeed("unshare", "Book club", "mira@demo.invalid")
            try await mira.succeed("unshare", "Book club", "jon@jona.invalid")
            try await mira.succeed("share", "Book club", "jon@jona.invalid")
            try await jon.succeed("say", "Book club", "to myself")
            try await mira.succeed("say", "Book club", "chapter four")
            try await jon.hears("chapter four", in: id)
            #expect(try await mira.texts(of: id) == ["chapter one", "chapter two", "chapter three", "chapter four"])
        }
    }
}
