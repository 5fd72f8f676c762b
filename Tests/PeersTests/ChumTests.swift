import Objects
import Synchronization
import Testing

@testable import Peers

/// Giving and taking between two instances in memory.
@Suite(.timeLimit(.minutes(2))) struct ChumTests {
    private let mira: TestContact
    private let bo: TestContact

    init() throws {
        mira = try TestContact("mira", seed: 1)
        bo = try TestContact("bo", seed: 2)
    }

    /// Whether one has everything that is microdata of the other, and every blob or its size.
    private func expectSame(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let missing = mira.objects.filter { hash, bytes in
            bo.objects[hash] == nil && KnownObject(hash: hash, bytes: bytes).kind != .blob
        }
        let words = missing.values.map { String(decoding: $0.prefix(80), as: UTF8.self) }
        #expect(words.filter { $0.hasPrefix("<div") } == [], sourceLocation: sourceLocation)
        #expect(bo.heads == mira.heads, sourceLocation: sourceLocation)
        #expect(try bo.unheard(Array(mira.objects.keys)).isEmpty, sourceLocation: sourceLocation)
    }

    @Test func aConversationComesWithAllThatBelongsToIt() async throws {
        try mira.converse(40, seed: 3)
        try await take(by: bo, from: mira)
        try expectSame()
        #expect(bo.troubles.isEmpty)
    }

    @Test func ofANewMessageOnlyWhatIsNewIsAskedFor() async throws {
        var head: ObjectHash?
        for number in 0..<50 { head = try mira.post("\(number)", at: Double(number), on: head) }
        try mira.offer(channel: "club", head: head, at: 50)
        let last = head
        try await chum(bo, mira) { [mira, bo] session in
            let importer = Importer(client: session.client, target: bo, time: SystemTime())
            try await importer.once()
            let before = mira.servedCount
            let next = try mira.post("more", at: 51, on: last)
            try mira.offer(channel: "club", head: next, at: 52)
            try await importer.once()
            // Node, version, entry, time and message, each looked at to list it and once more to send it.
            #expect(mira.servedCount - before < 20)
        }
        try expectSame()
    }

    @Test(arguments: 0..<24 as Range<UInt64>) func whatACutLeavesComesNextTime(_ seed: UInt64) async throws {
        let random = SeededRandom(seed: seed)
        try mira.converse(30, seed: seed)
        for _ in 0..<40 {
            let last = 10 + Int(random.number(below: 400))
            _ = try? await take(by: bo, from: mira) { number, message in
                // What cannot be opened ends the connection.
                number == last ? [.binary([0])] : [message]
            }
            if bo.heads == mira.heads { break }
        }
        try await take(by: bo, from: mira)
        try expectSame()
    }

    @Test func `A message comes though nobody here knows the type of what is attached to it`() async throws {
        let image = SeededRandom(seed: 5).bytes(5_000)
        func text(_ prefix: String, _ type: String, _ properties: String) -> [UInt8] {
            Array("<div \(prefix)itemscope itemtype=\"//refin.io/\(type)\">\(properties)</div>".utf8)
        }
        let inner = mira.store(text("", "Pixels", "<a itemprop=\"image\" data-type=\"blob\">\(mira.store(image))</a>"))
        let thing = mira.store(text("data-id-object=\"true\" ", "Album", "<span itemprop=\"name\">a</span>"))
        let links = "<li><a data-type=\"id\">\(thing)</a></li><li><a data-type=\"obj\">\(inner)</a></li>"
        let attached = mira.store(
            text(
                "",
                "Sticker",
                "<ol itemprop=\"of\">\(links)</ol>".replacing(
                    "<li><a data-type=\"obj\"",
                    with: "</ol><ol itemprop=\"at\"><li><a data-type=\"obj\""
                )
            )
        )
        let fields: [(String, Value?)] = [
            ("text", .string("look")), ("attachments", .list([.reference(attached)])),
            ("sender", .reference(mira.personID.objectHash)),
        ]
        let message = try mira.add(OneObject("ChatMessage", fields))
        let time = try mira.add(OneObject("CreationTime", [("timestamp", .number(1)), ("data", .reference(message))]))
        try mira.offer(
            channel: "club",
            head: try mira.add(OneObject("LinkedListEntry", [("data", .reference(time))])),
            at: 2
        )
        try await take(by: bo, from: mira)
        try expectSame()
        #expect(bo.objects[ObjectHash(of: image)] == image)
        #expect(bo.troubles.isEmpty)
    }

    @Test func `A conversation comes though one message in it has more to it than is known here`() async throws {
        let more = Array(
            """
            <div itemscope itemtype="//refin.io/ChatMessage"><span itemprop="text">new</span>\
            <a itemprop="sender" data-type="id">\(mira.personID)</a><span itemprop="mood">glad</span></div>
            """.utf8
        )
        let fields: [(String, Value?)] = [("timestamp", .number(1)), ("data", .reference(mira.store(more)))]
        let time = try mira.add(OneObject("CreationTime", fields))
        let first = try mira.add(OneObject("LinkedListEntry", [("data", .reference(time))]))
        try mira.offer(channel: "club", head: try mira.post("old", at: 2, on: first), at: 3)
        try await take(by: bo, from: mira)
        try expectSame()
        #expect(bo.objects[ObjectHash(of: more)] == more && bo.troubles.isEmpty)
    }

    @Test func `A version of which something is missing is not offered until that is here`() async throws {
        let lost = Array(#"<div itemscope itemtype="//refin.io/Email"><span itemprop="email">e</span></div>"#.utf8)
        let person = OneObject("Person", [("email", .string("p"))])
        let profile = OneObject(
            "Profile",
            [
                ("profileId", .string("default")), ("personId", .reference(try mira.add(id: person).objectHash)),
                ("owner", .reference(mira.personID.objectHash)),
                ("communicationEndpoint", .list([.reference(ObjectHash(of: lost))])), ("personDescription", .list([])),
            ]
        )
        let node = try mira.edge(profile, at: 1)
        let id = try Microdata.idHash(of: profile, .standard)
        mira.roots = [.id(id, type: "Profile"), .versionNode(node, id: id, type: "Profile")]
        try await chum(bo, mira) { [mira] session in
            let (all, wanted) = (mira.roots, ObjectChild(.object, node))
            let first = try await session.client.roots()
            #expect(first == all)
            await #expect(throws: CallError.self) { try await session.client.children(of: wanted) }
            let rest = try await session.client.roots()
            #expect(rest == [.id(id, type: "Profile")])
            mira.store(lost)
            let again = try await session.client.roots()
            #expect(again == all)
            let children = try await session.client.children(of: wanted)
            #expect(children.contains { $0.hash == ObjectHash(of: lost) })
        }
    }

    @Test func aBlobThatNothingDescribesComesAtOnce() async throws {
        let image = SeededRandom(seed: 5).bytes(300_000)
        let profile = try mira.add(OneObject("ProfileImage", [("image", .reference(mira.store(image)))]))
        mira.roots = [.unversioned(profile, type: "ProfileImage")]
        try await take(by: bo, from: mira)
        #expect(bo.objects[ObjectHash(of: image)] == image)
    }

    @Test func nothingIsServedThatWasNotGrantedOrIsNoMore() async throws {
        let secret = try mira.add(OneObject("Email", [("email", .string("secret"))]))
        let given = try mira.add(OneObject("Email", [("email", .string("given"))]))
        mira.roots = [.unversioned(given, type: "Email")]
        try await chum(bo, mira) { [mira] session in
            await #expect(throws: CallError.self) { try await session.client.bytes(of: ObjectChild(.object, given)) }
            _ = try await session.client.roots()
            _ = try await session.client.bytes(of: ObjectChild(.object, given))
            await #expect(throws: CallError.self) { try await session.client.bytes(of: ObjectChild(.object, secret)) }
            await #expect(throws: CallError.self) {
                try await session.client.children(of: ObjectChild(.object, secret))
            }
            await #expect(throws: CallError.self) {
                let stream = try await session.client.blob(secret)
                while try await stream.next() != nil {}
            }
            mira.roots = []
            _ = try await session.client.roots()
            await #expect(throws: CallError.self) { try await session.client.bytes(of: ObjectChild(.object, given)) }
        }
    }

    @Test func blobsOfAnySizeArriveWhole() async throws {
        for byteCount in [0, 1, 65_527, 65_528, 65_529, 200_000, 9_000_000] {
            let bytes = SeededRandom(seed: UInt64(byteCount)).bytes(byteCount)
            let image = try mira.add(OneObject("ProfileImage", [("image", .reference(mira.store(bytes)))]))
            mira.roots = [.unversioned(image, type: "ProfileImage")]
            try await take(by: bo, from: mira)
            #expect(bo.objects[ObjectHash(of: bytes)]?.count == byteCount)
        }
    }

    @Test func aClobArrivesWithoutASplitCharacter() async throws {
        let text = String(repeating: "ü€🎉", count: 40_000)
        let clob = mira.store(Array(text.utf8))
        try await chum(bo, mira) { [mira] session in
            mira.roots = [.unversioned(clob, type: "")]
            _ = try await session.client.roots()
            #expect(try await session.client.bytes(of: ObjectChild(.clob, clob)) == Array(text.utf8))
        }
    }
}
