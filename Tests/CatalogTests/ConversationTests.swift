import Objects
import Testing

@testable import Catalog

@Suite struct ConversationTests {
    let world: World
    let catalog: Catalog

    init() throws {
        world = try World()
        catalog = try world.catalog()
    }

    private func pair(_ person: World.Person) -> String {
        [world.me.id.hex, person.id.hex].sorted().joined(separator: "<->")
    }

    private func names(_ path: String...) throws -> [String] {
        var number = FixedEntry.root
        for name in path { number = try catalog.entry(named: name, in: number).number }
        return try catalog.entries(in: number, after: nil, limit: 1000).map(\.name).sorted()
    }

    private func text(_ path: String...) throws -> String {
        var number = FixedEntry.root
        for name in path { number = try catalog.entry(named: name, in: number).number }
        let bytes = try catalog.document(number)
        #expect(try catalog.entry(number).byteCount == bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func messages(_ topic: String) throws -> [Message] {
        var messages: [Message] = []
        try catalog.forEachMessage(of: topic) { messages.append($0) }
        return messages
    }

    @Test func aMessageAppearsAndTheKernelIsTold() async throws {
        let bob = try world.person("Bob", email: "bob@x.test")
        try world.topic(pair(bob))
        try world.say(pair(bob), "one", at: noon())
        try world.commit(to: catalog)
        let folder = try catalog.entry(named: "Bob", in: FixedEntry.conversations)
        let month = try catalog.entry(named: "2026-11", in: folder.number)
        let day = try catalog.entry(named: "2026-11-22.md", in: month.number)
        var changes = catalog.changes().makeAsyncIterator()
        let picture = try world.blob([1, 2, 3], name: "beach.jpg")
        try world.say(pair(bob), "two", at: noon(60), by: bob, attachments: [picture])
        try world.commit(to: catalog)
        var told: Set<TreeChange> = []
        let expected: Set<TreeChange> = [
            .content(day.number), .content(month.number), .content(folder.number),
            .name("2026-11-22 140422 beach.jpg", in: month.number),
        ]
        while !told.isSuperset(of: expected), let changed = await changes.next() { told.formUnion(changed) }
        #expect(try text("conversations", "Bob", "2026-11", "2026-11-22.md").contains("## 14:04:22 Bob\n> two\n"))
        #expect(try catalog.entry(folder.number).modified.milliseconds == noon(60))
        #expect(try catalog.entry(named: "latest.md", in: folder.number).kind == .link("2026-11/2026-11-22.md"))
        let attachment = try catalog.entry(named: "2026-11-22 140422 beach.jpg", in: month.number)
        #expect(attachment.byteCount == 3 && attachment.localByteCount == 3)
        #expect(attachment.modified.milliseconds == 5000)
    }

    @Test func titlesShareANameInOrderOfTimeWhateverCameFirst() throws {
        for (id, time) in [("late", noon(100)), ("early", noon(1)), ("middle", noon(50))] {
            try world.topic(id, name: "Holiday")
            try world.say(id, "x", at: time)
            try world.commit(to: catalog)
        }
        let digits = { (id: String) in String(ObjectHash(of: Array(id.utf8)).hex.prefix(8)) }
        #expect(
            try Set(names("conversations"))
                == ["Holiday", "Holiday ~" + digits("late"), "Holiday ~" + digits("middle")]
        )
        #expect(try text("conversations", "Holiday", "about.md").contains("- Id: early\n"))
        // An older twin arrives: the name is its, and the path of the other still resolves by its own.
        try world.say("middle", "older", at: noon(-100))
        try world.commit(to: catalog)
        #expect(try text("conversations", "Holiday", "about.md").contains("- Id: middle\n"))
        #expect(try text("conversations", "Holiday ~" + digits("early"), "about.md").contains("- Id: early\n"))
        #expect(try text("conversations", "Holiday ~" + digits("middle"), "about.md").contains("- Id: middle\n"))
    }

    @Test func aRenamedContactRenamesWhatShowsItAndOldPathsResolve() throws {
        let bob = try world.person("Bob", email: "bob@x.test")
        try world.topic(pair(bob))
        try world.say(pair(bob), "one", at: noon(), by: bob)
        try world.topic("group", name: "Group")
        try world.say("group", "two", at: noon(), by: bob)
        try world.commit(to: catalog)
        try world.name(bob, "Robert Longer Name")
        try world.commit(to: catalog)
        #expect(try names("conversations") == ["Group", "Robert Longer Name"])
        #expect(try names("contacts") == ["Robert Longer Name.vcf"])
        #expect(try text("conversations", "Bob", "2026-11", "2026-11-22.md").hasPrefix("# Robert Longer Name, 2026"))
        #expect(try text("conversations", "Group", "2026-11", "2026-11-22.md").contains("Robert Longer Name\n> two"))
        #expect(try text("contacts", "Bob.vcf").contains("FN:Robert Longer Name\r\n"))
        #expect(try text("conversations", "Group", "about.md").contains("Robert Longer Name ("))
    }

    @Test func onlyWhatItsSenderSignedIsVerified() throws {
        let bob = try world.person("Bob", email: "bob@x.test")
        let eve = try world.person("Eve", email: "eve@x.test")
        try world.topic("group", name: "Group")
        try world.say("group", "mine", at: noon(1), by: bob)
        try world.say("group", "forged", at: noon(2), by: bob, signer: eve)
        var impostor = bob
        impostor.keys = eve.keys
        try world.say("group", "wrong key", at: noon(3), by: bob, signer: impostor)
        try world.commit(to: catalog)
        let messages = try messages("group")
        #expect(messages.map(\.isVerified) == [true, false, false])
        #expect(messages.map(\.authorName) == ["Bob", "Eve", "Bob"])
        #expect(
            try text("conversations", "Group", "2026-11", "2026-11-22.md").contains(
                "14:03:25 Bob (unverified)\n> wrong key"
            )
        )
    }

    @Test func trustThatComesLaterCounts() throws {
        let bob = try world.person("Bob", email: "bob@x.test")
        var stranger = bob
        stranger.keys = SignKeyPair(random: SeededRandom(seed: 9))
        try world.topic("group", name: "Group")
        try world.say("group", "new key", at: noon(1), by: stranger)
        try world.commit(to: catalog)
        #expect(try messages("group").map(\.isVerified) == [false])
        try world.name(stranger, "Bob", trusted: false)
        try world.commit(to: catalog)
        #expect(try messages("group").map(\.isVerified) == [false])
        try world.name(stranger, "Bob", trusted: true)
        try world.commit(to: catalog)
        #expect(try messages("group").map(\.isVerified) == [true])
        #expect(try !text("conversations", "Group", "2026-11", "2026-11-22.md").contains("unverified"))
    }

    @Test func hostileTimesTextsAndNamesAreShownSafely() throws {
        try world.topic("../../x", name: "\u{1B}[2J/..")
        for time in [Double.nan, .infinity, -1e300, -1, 1e300, 0] {
            let file = try world.blob([7], name: "../a\u{0}b\u{202E}", modified: time)
            try world.say("../../x", "t\u{1B}[31m\u{0}", at: time, attachments: [file])
        }
        try world.commit(to: catalog)
        let lines = try dump(catalog)
        #expect(!lines.contains { $0.contains("WRONG SIZE") })
        #expect(try names("conversations") == ["_[2J_"])
        #expect(
            try Set(names("conversations", "_[2J_")) == [
                "0001-01", "1969-12", "1970-01", "9999-12", "about.md", "latest.md",
            ]
        )
        #expect(try messages("../../x").allSatisfy { $0.time.isFinite })
        #expect(try messages("../../x").allSatisfy { $0.text == "t\u{1B}[31m\u{0}" })
        let folder = try catalog.entry(named: "_[2J_", in: FixedEntry.conversations)
        #expect(try catalog.originalName(of: folder.number) == "\u{1B}[2J/..")
    }

    @Test func twoChannelsOfATopicAreMerged() throws {
        let bob = try world.person("Bob", email: "bob@x.test")
        try world.topic("group", name: "Group")
        for (index, owner) in [world.me, bob, world.me, bob].enumerated() {
            let message = try world.put(
                "ChatMessage",
                [("text", .string("\(index)")), ("sender", .reference(owner.id.objectHash))]
            )
            try world.post(message, "group", at: noon(Double(index)), by: owner, owner: owner.id)
        }
        try world.commit(to: catalog)
        #expect(try messages("group").map(\.text) == ["0", "1", "2", "3"])
        #expect(try catalog.topic("group").channels.count == 3)
    }

    @Test func aListThatIsNoListHarmsNothing() throws {
        let message = try world.put(
            "ChatMessage",
            [("text", .string("x")), ("sender", .reference(world.me.id.objectHash))]
        )
        let creation = try world.put("CreationTime", [("timestamp", .number(1)), ("data", .reference(message))])
        // Data that is no message, entries that are no entries, and a creation that is none.
        let odd = try world.put("LinkedListEntry", [("data", .reference(message)), ("previous", .reference(creation))])
        let entry = try world.put("LinkedListEntry", [("data", .reference(creation)), ("previous", .reference(odd))])
        try world.topic("odd")
        try world.version("ChannelInfo", [("id", .string("odd")), ("head", .reference(entry))])
        world.put(bytes: Array(#"<div itemscope itemtype="//refin.io/Topic">no</div>"#.utf8))
        world.put(bytes: Array(#"<div itemscope itemtype="//refin.io/ChannelInfo"><span"#.utf8))
        try world.commit(to: catalog)
        #expect(try messages("odd").map(\.text) == ["x"])
        #expect(try messages("odd").map(\.isVerified) == [false])
    }

    @Test func aLongListIsWalkedInSeveralTransactions() throws {
        let scratch = try Scratch()
        func open() throws -> Catalog {
            try Catalog(
                path: scratch.path,
                objects: world,
                owner: world.me.id,
                rootKeys: [world.me.keys.publicKey],
                book: .standard,
                walkCountMax: 7
            )
        }
        try world.topic("long")
        for index in 0..<40 { try world.say("long", "\(index)", at: noon(Double(index))) }
        var messages: [Message] = []
        do {
            let catalog = try open()
            try world.commit(to: catalog)
            try catalog.forEachMessage(of: "long") { messages.append($0) }
            #expect(messages.map(\.text) == (0..<40).map(String.init))
            // As after a crash in the middle: part of the list is waiting, its entries are here.
            try catalog.markComplete()
            try world.say("long", "40", at: noon(40))
            for index in 41..<60 { try world.say("long", "\(index)", at: noon(Double(index))) }
            try catalog.index { indexer in
                for case .object(let object, _) in world.changes {
                    let before = try indexer.reserveChanges(1)
                    _ = try indexer.note(object, held: true, by: nil, number: before + 1)
                }
                let newest = try #require(try world.list("long"))
                try indexer.wait(for: newest, .walk, row: 1)
            }
        }
        messages = []
        try open().forEachMessage(of: "long") { messages.append($0) }
        #expect(messages.map(\.text) == (0..<60).map(String.init))
    }

    @Test func conversationsAreFoundByWhatPeopleType() throws {
        try world.topic("id-1", name: "Holiday in Spain")
        try world.topic("id-2", name: "holiday")
        try world.topic("id-3", name: "Work/Life")
        try world.commit(to: catalog)
        func found(_ text: String) throws -> [String] { try catalog.conversations(matching: text).map(\.id).sorted() }
        #expect(try found("id-1") == ["id-1"])
        #expect(try found("HOLIDAY") == ["id-2"])
        #expect(try found("Holiday in") == ["id-1"])
        #expect(try found("hol") == ["id-1", "id-2"])
        #expect(try found("Work_Life") == ["id-3"])
        #expect(try found("nothing") == [])
    }
}
