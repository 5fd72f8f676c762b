import Objects
import Testing

@testable import Catalog

/// A catalog that knows the tree from another's outline.
@Suite(.enabled(if: Alice.shared != nil))
struct OutlineTests {
    let alice: Alice
    let whole: Catalog
    let objects: MemoryObjects
    let brief: Catalog

    init() throws {
        alice = try #require(Alice.shared)
        whole = try alice.catalog()
        objects = MemoryObjects(alice.objects)
        brief = try Catalog(path: nil, objects: objects, owner: alice.owner, book: .standard, isSparse: true)
    }

    private func bring(_ hashes: [ObjectHash]) throws {
        let known = hashes.compactMap { objects.known($0) }
        for object in known { objects.bring(object.hash) }
        try brief.record(known.map { .object($0, held: true) })
    }

    private func followEssentials() throws {
        for (_, change) in try whole.essentials(after: 0, limit: 10).changes {
            switch change {
            case .object(let object, _): try bring([object.hash])
            case .head(let id, let node):
                try bring([node])
                try brief.record([.head(id, node: node)])
            }
        }
        var asked: Set<ObjectHash> = []
        while case let missing = try brief.awaited(limit: 1_000).filter({ asked.insert($0).inserted }), !missing.isEmpty
        {
            try bring(missing)
        }
    }

    private func outline() throws -> [OutlineItem] {
        var (number, items): (Int64, [OutlineItem]) = (0, [])
        while case let (page, next) = try whole.outline(after: number, limit: 7), next != number {
            #expect(page.allSatisfy { $0.number > number && $0.number <= next })
            items += page.map(\.item)
            number = next
        }
        return items
    }

    /// Everything but the bytes of documents.
    private func listing(_ catalog: Catalog) throws -> [String] {
        var lines: [String] = []
        var open: [(path: String, number: EntryNumber)] = [("", FixedEntry.root)]
        while let (path, number) = open.popLast() {
            for entry in try catalog.entries(in: number, after: nil, limit: 10_000) {
                let inside = path + "/" + entry.name
                lines.append(
                    "\(inside) \(entry.number) \(entry.kind) \(entry.byteCount) \(entry.modified.nanoseconds) "
                        + (try catalog.originalName(of: entry.number) ?? "")
                )
                if entry.kind == .directory { open.append((inside, entry.number)) }
            }
        }
        return lines.sorted()
    }

    private func days() throws -> [(number: EntryNumber, key: ConversationDay)] {
        try brief.daysToBring(limit: 10_000).map { key in
            (EntryNumber(identity: "day/\(key.topic)/\(CivilTime(day: key.day).dayText)"), key)
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func itIsTheSameTreeInWhateverOrderItComes(seed: UInt64) throws {
        let random = SeededRandom(seed: seed)
        var items = try outline()
        for index in items.indices.dropFirst().reversed() {
            items.swapAt(index, Int(random.number(below: UInt64(index + 1))))
        }
        let cut = Int(random.number(below: UInt64(items.count)))
        try brief.take(Array(items[..<cut]))
        try followEssentials()
        for item in items[cut...] { try brief.take([item]) }
        #expect(try listing(brief) == listing(whole))
        #expect(try brief.statistics().messageCount == whole.statistics().messageCount)
        #expect(try brief.conversations() == whole.conversations())
        #expect(try brief.contacts() == whole.contacts())
        // Told again, nothing is other.
        try brief.take(items)
        #expect(try listing(brief) == listing(whole))
    }

    @Test func aDayThatIsBroughtSaysWhatItSaysElsewhereAndCanBeForgotten() throws {
        try followEssentials()
        try brief.take(outline())
        let listing = try listing(brief)
        let days = try days()
        #expect(days.count > 3)
        for (number, key) in days {
            #expect(try brief.day(of: number) == key)
            #expect(throws: ObjectError.unreachable) { try brief.document(number) }
            #expect(try brief.entry(number).localByteCount == 0)
            let messages = try whole.posted(on: key, after: 0, limit: 10_000).map(\.message)
            let wanted = messages.flatMap { $0.objects + $0.metadata }
            let contents = Dictionary(wanted.map { ($0, alice.objects[$0] ?? []) }) { first, _ in first }
            try brief.learn(messages, of: key, areAll: true, contents: contents)
            #expect(try brief.isWhole(key))
            #expect(try brief.document(number) == whole.document(number))
            #expect(try brief.entry(number).localByteCount == brief.entry(number).byteCount)
        }
        #expect(try self.listing(brief) == listing)
        let messageCount = try whole.statistics().messageCount
        #expect(try brief.hasPassingMessages(above: messageCount - 1, before: Int.max))
        #expect(try !brief.hasPassingMessages(above: messageCount, before: Int.max))
        for _ in days { #expect(try brief.forgetDay(before: Int.max)) }
        #expect(try !brief.forgetDay(before: Int.max))
        #expect(try !brief.hasPassingMessages(above: 0, before: Int.max))
        #expect(try self.listing(brief) == listing)
        for (number, _) in days { #expect(throws: ObjectError.unreachable) { try brief.document(number) } }
    }

    @Test func aDayOfAnotherSizeIsMeasuredWhenItComes() throws {
        try followEssentials()
        let items = try outline().map { item -> OutlineItem in
            guard case .day(var day) = item else { return item }
            (day.byteCount, day.messageCount) = (day.byteCount + 7, day.messageCount + 1)
            return .day(day)
        }
        try brief.take(items)
        for (number, key) in try days() {
            #expect(try brief.entry(number).byteCount == whole.entry(number).byteCount + 7)
            let messages = try whole.posted(on: key, after: 0, limit: 10_000).map(\.message)
            let wanted = messages.flatMap { $0.objects + $0.metadata }
            let contents = Dictionary(wanted.map { ($0, alice.objects[$0] ?? []) }) { first, _ in first }
            try brief.learn(messages, of: key, areAll: true, contents: contents)
            #expect(try brief.entry(number).byteCount == whole.entry(number).byteCount)
        }
        #expect(try listing(brief) == listing(whole))
    }

    @Test func onlyWhatChangedIsToldAgain() throws {
        let world = try World()
        let catalog = try world.catalog()
        try world.topic("a", name: "A")
        try world.say("a", "one", at: noon())
        try world.commit(to: catalog)
        let (first, number) = try catalog.outline(after: 0, limit: 100)
        #expect(first.count == 2)
        try world.say("a", "two", at: noon(86_400), attachments: [world.blob([1, 2, 3], name: "x.bin")])
        try world.commit(to: catalog)
        let (second, _) = try catalog.outline(after: number, limit: 100)
        let kinds = second.map { item in
            switch item.item {
            case .day(let day): "day \(day.messageCount)"
            case .people: "people"
            case .file(let file): file.name
            case .gone: "gone"
            }
        }
        #expect(kinds.sorted() == ["2026-11-23 140322 x.bin", "day 1", "people"])
        let folder = try world.folder([("/a.txt", world.file([1]))])
        try world.postRoot(folder, at: noon())
        try world.commit(to: catalog)
        let before = try catalog.outline(after: 0, limit: 100).next
        try world.postRoot(world.folder([]), at: noon(1))
        try world.commit(to: catalog)
        let gone = try catalog.outline(after: before, limit: 100).items.map(\.item)
        #expect(gone == [.gone(EntryNumber(identity: "file/\(FixedEntry.files)/a.txt"))])
    }
}
