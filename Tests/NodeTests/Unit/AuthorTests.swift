import Catalog
import Logging
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// What an instance writes, read back through its catalog.
@Suite struct AuthorTests {
    static func surroundings() -> Node.Surroundings {
        Node.Surroundings(time: SystemTime(), random: SystemRandom(), logger: Logger(label: "test"))
    }

    /// A new custodian with one conversation.
    static func custodian(_ folder: TemporaryDirectory, name: String = "box") throws -> (node: Node, topic: ObjectHash)
    {
        let path = folder.path.appending(name)
        try Founding(
            root: path,
            secret: "secret",
            name: name,
            role: .archive,
            deviceType: "server",
            ownerName: "Mira",
            ownerEmail: "mira@example.org"
        ).run(surroundings())
        let node = try Node(root: path, secret: .success("secret"), surroundings: surroundings())
        let topic = try node.author.commit { draft in
            try node.author.createTopic(id: "club", name: "Club", into: &draft)
        }
        return (node, topic)
    }

    static func texts(_ node: Node) throws -> [String] {
        var texts: [String] = []
        var day = Int.min
        while let next = try node.catalog.messages(of: "club", afterDay: day) {
            texts += next.messages.map(\.text)
            day = next.day
        }
        return texts
    }

    static func say(_ text: String, at milliseconds: Double, in topic: ObjectHash, _ node: Node) async throws {
        let message = NewMessage(text: text, time: Timestamp(milliseconds: milliseconds))
        let outcome = try await node.postman(node.requireIdentity()).say(message, topic: topic)
        #expect(outcome == .posted)
    }

    @Test func messagesAreInOrderOfTimeHoweverTheyWereWritten() async throws {
        let folder = TemporaryDirectory()
        let (node, topic) = try Self.custodian(folder)
        for (text, time) in [("b", 2_000.0), ("d", 4_000), ("a", 1_000), ("c", 3_000), ("c2", 3_000)] {
            try await Self.say(text, at: time, in: topic, node)
        }
        let texts = try Self.texts(node)
        #expect(texts.count == 5)
        #expect(texts.first == "a" && texts.last == "d" && Set(texts[2...3]) == ["c", "c2"])
        let messages = try #require(try node.catalog.messages(of: "club", afterDay: Int.min)).messages
        #expect(messages.allSatisfy { $0.isVerified && $0.authorName == "Mira" })
        #expect(node.outbox.pending.isEmpty)
    }

    @Test func aPostingThatWasInterruptedIsNotPostedTwice() async throws {
        let folder = TemporaryDirectory()
        let (node, topic) = try Self.custodian(folder)
        try await Self.say("once", at: 1_000, in: topic, node)
        let identity = try node.requireIdentity()
        let posting = try node.author.commit { draft in
            let message = NewMessage(text: "once", time: Timestamp(milliseconds: 1_000))
            return try node.author.write(message, from: identity.ownerID, into: &draft)
        }
        // As if it had died after posting and before taking note of it.
        try node.outbox.add(Pending(topic: topic, creationTime: posting.creationTime))
        try await node.postman(identity).deliverAll()
        #expect(try Self.texts(node) == ["once"])
        #expect(node.outbox.pending.isEmpty)
    }

    @Test func theSameVersionIsNotWrittenTwice() throws {
        let folder = TemporaryDirectory()
        let (node, _) = try Self.custodian(folder)
        let channel = Channel(id: "club", owner: nil)
        let id = try channel.idHash(node.author.book)
        let before = try node.store.head(of: id)
        _ = try node.author.commit { draft in try draft.change(channel.object, at: node.time.now) }
        #expect(try node.store.head(of: id) == before)
    }

    /// Two instances that wrote without each other and then exchange heads end at the same head with everything.
    @Test(arguments: 0..<12 as Range<UInt64>) func divergedChannelsUnite(_ seed: UInt64) async throws {
        let random = SeededRandom(seed: seed)
        let folder = TemporaryDirectory()
        let (left, topic) = try Self.custodian(folder)
        for index in 0..<Int(random.number(below: 4)) {
            try await Self.say("common \(index)", at: Double(random.number(below: 50)), in: topic, left)
        }
        let (rightStore, right) = try Self.twin(of: left, folder)
        var said: Set<String> = []
        for (index, node) in [left, right].enumerated() {
            for number in 0..<Int(1 + random.number(below: 5)) {
                let text = "side \(index) number \(number)"
                said.insert(text)
                try await Self.say(text, at: Double(random.number(below: 100)), in: topic, node)
            }
        }
        let id = try Channel(id: "club", owner: nil).idHash(left.author.book)
        let heads = (try #require(try left.store.head(of: id)), try #require(try right.store.head(of: id)))
        try Self.copyObjects(from: left.store, to: right)
        try Self.copyObjects(from: rightStore, to: left)
        #expect(try left.author.adopt([(id, heads.1)]) == [.merged])
        #expect(try right.author.adopt([(id, heads.0)]) == [.merged])
        #expect(try left.store.head(of: id) == right.store.head(of: id))
        let texts = try (Self.texts(left), Self.texts(right))
        #expect(texts.0 == texts.1)
        #expect(said.isSubset(of: texts.0))
        #expect(Set(texts.0).count == texts.0.count)
    }

    /// Another node with the same objects, heads and keys.
    private static func twin(of node: Node, _ folder: TemporaryDirectory) throws -> (ObjectStore, Node) {
        let path = folder.path.appending("twin")
        try makeTwin(of: node, at: path)
        let twin = try Node(root: path, secret: .success("secret"), surroundings: surroundings())
        return (twin.store, twin)
    }

    private static func makeTwin(of node: Node, at path: FilePath) throws {
        let workshop = try Workshop(root: path, surroundings: surroundings())
        let identity = try node.requireIdentity()
        let birth = try #require(try Birth.read(in: node.root))
        let keychain = try Keychain.create(in: workshop.root, secret: "secret", random: SystemRandom())
        try keychain.add(identity.instanceKeys, under: birth.instanceKeys)
        try keychain.add(#require(identity.ownerKeys), under: birth.ownerKeys)
        try node.store.forEachObject { hash, _ in
            if let bytes = try node.store.localBytes(of: hash) { _ = try workshop.store.put(bytes) }
        }
        try node.store.forEachHead { id, head in try workshop.store.setHead(head, of: id) }
        let text = Configuration.template(name: "twin", role: .archive, deviceType: "server")
        try workshop.finish(birth: birth, configuration: text)
    }

    private static func copyObjects(from source: ObjectStore, to node: Node) throws {
        try source.forEachObject { hash, _ in
            guard try node.store.localByteCount(of: hash) == nil, let bytes = try source.localBytes(of: hash) else {
                return
            }
            try node.catalog.record([.object(node.store.put(bytes), held: true)])
        }
    }

    @Test func filesKeepTheirPlacesAndTimes() async throws {
        let folder = TemporaryDirectory()
        let (node, _) = try Self.custodian(folder)
        let postman = try node.postman(node.requireIdentity())
        for (path, text, time) in [
            (["a", "x.txt"], "1", 1_000.5), (["b.txt"], "2", 2_000), (["a", "x.txt"], "33", 3_000),
        ] {
            let blob = try node.author.putBlobs([Array(text.utf8)])[0]
            let modified = Timestamp(milliseconds: time)
            try await postman.add([NewFile(path: path, blob: blob, mode: 0o100644, modified: modified)])
        }
        let walk = TreeWalk(view: node.view())
        let replaced = try walk.entry(at: "files/a/x.txt")
        #expect(replaced.byteCount == 2 && replaced.modified == Timestamp(milliseconds: 3_000))
        #expect(try walk.entry(at: "files/b.txt").modified == Timestamp(milliseconds: 2_000))
        #expect(throws: CommandError.self) { try walk.entry(at: "files/c.txt") }
    }
}
