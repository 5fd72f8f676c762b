import Objects
import Testing

@testable import Catalog

@Suite(.enabled(if: Alice.shared != nil))
struct AliceTests {
    let alice: Alice
    let catalog: Catalog

    init() throws {
        alice = try #require(Alice.shared)
        catalog = try alice.catalog()
    }

    @Test func conversationsAreThoseOfTheManifest() throws {
        let conversations = try catalog.conversations()
        #expect(Set(conversations.map(\.id)) == Set(alice.manifest.conversations.map(\.topicId)))
        for expected in alice.manifest.conversations {
            let conversation = try #require(conversations.first { $0.id == expected.topicId })
            #expect(conversation.kind.rawValue == expected.kind)
            #expect(conversation.messageCount == expected.messages.count)
            #expect(conversation.attachmentCount == expected.messages.reduce(0) { $0 + ($1.attachments?.count ?? 0) })
            #expect(conversation.firstTime == expected.messages.first?.time)
            #expect(conversation.lastTime == expected.messages.last?.time)
            if expected.kind == "group" { #expect(conversation.title == expected.name) }
            #expect(conversation.participants.contains { $0.person == alice.owner })
        }
        #expect(Set(conversations.map(\.title)).isSuperset(of: ["Bob Baumeister", "Carol Circle"]))
    }

    @Test func messagesAreThoseOfTheManifestInItsOrder() throws {
        var count = 0
        for expected in alice.manifest.conversations {
            var messages: [Message] = []
            try catalog.forEachMessage(of: expected.topicId) { messages.append($0) }
            try #require(messages.count == expected.messages.count)
            for (message, line) in zip(messages, expected.messages) {
                #expect(message.creation == line.creationTimeHash)
                #expect(message.hash == line.dataHash)
                #expect(message.time == line.time)
                #expect(message.author == line.author)
                #expect(message.text.utf8.elementsEqual(line.text.utf8))
                #expect(message.isVerified)
                let attachments = line.attachments ?? []
                #expect(message.attachments.map(\.hash) == attachments.map(\.hash))
                for (attachment, file) in zip(message.attachments, attachments) {
                    if let blob = file.blobHash { #expect(attachment.data == blob) }
                    if let name = file.name { #expect(attachment.name.utf8.elementsEqual(name.utf8)) }
                    if let type = file.mime { #expect(attachment.type == type) }
                    if let size = file.blobSize { #expect(attachment.byteCount == size) }
                }
            }
            #expect(try catalog.messages(of: expected.topicId, last: 5) == Array(messages.suffix(5)))
            count += messages.count
        }
        #expect(count == 204)
    }

    @Test func peopleHaveTheirNames() throws {
        #expect(try catalog.contacts().map(\.displayName) == alice.manifest.contacts.map(\.displayName).sorted())
        #expect(try catalog.displayName(of: alice.owner) == alice.manifest.me.displayName)
        let cards = try catalog.entries(in: FixedEntry.contacts, after: nil, limit: 100)
        #expect(Set(cards.map(\.name)) == Set(alice.manifest.contacts.map { $0.displayName + ".vcf" }))
    }

    @Test func treeHasEveryAttachmentAndDaysOfTheirExactSize() throws {
        let lines = try dump(catalog)
        #expect(!lines.contains { $0.contains("WRONG SIZE") })
        let attachments = alice.manifest.conversations.reduce(0) { count, conversation in
            count + conversation.messages.reduce(0) { $0 + ($1.attachments?.count ?? 0) }
        }
        #expect(lines.filter { $0.contains(" object(") }.count == attachments)
        #expect(lines.contains { $0.hasPrefix("/conversations/Bob Baumeister/2025-01/2025-01-06 091352 note.txt ") })
        let conversations = try catalog.entry(FixedEntry.conversations)
        #expect(
            conversations.modified.milliseconds == alice.manifest.conversations.flatMap(\.messages).map(\.time).max()
        )
    }

    @Test func linksOfADayLeadToItsAttachments() throws {
        let bob = try #require(try catalog.conversations(matching: "bob").first)
        let folder = try catalog.entry(named: "Bob Baumeister", in: FixedEntry.conversations)
        let month = try catalog.entry(named: "2025-01", in: folder.number)
        let day = try catalog.entry(named: "2025-01-06.md", in: month.number)
        let text = String(decoding: try catalog.document(day.number), as: UTF8.self)
        #expect(text.hasPrefix("# Bob Baumeister, 2025-01-06 (UTC)\n\n## 09:00:00 Alice Ärmel\n> Hallo Bob\n"))
        #expect(text.contains("\n- [note.txt](2025-01-06%20091352%20note.txt)\n"))
        #expect(bob.title == "Bob Baumeister")
    }
}
