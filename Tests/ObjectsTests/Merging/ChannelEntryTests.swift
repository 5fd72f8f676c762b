import Testing

@testable import Objects

/// The lists of channels (one-protocol 6.3, 6.4).
@Suite struct ChannelEntryTests {
    /// A store with lists of messages, each a time and a number that tells several of the same time apart.
    private struct Lists {
        var versions = MemoryVersions(.standard)

        mutating func creationTime(_ time: Double, _ number: Int = 0) throws -> ObjectHash {
            let text = try versions.put(OneObject("ChatRequest", [("for", .string("\(number)"))]))
            return try versions.put(
                OneObject("CreationTime", [("timestamp", .number(time)), ("data", .reference(text))])
            )
        }

        mutating func insert(
            _ time: Double,
            _ number: Int = 0,
            metadata: [ObjectHash] = [],
            under head: ObjectHash?
        ) throws -> ObjectHash? {
            let plan = try ChannelEntries.insert(
                creationTime: creationTime(time, number),
                milliseconds: time,
                metadata: metadata,
                under: head,
                read: versions.mergeable
            )
            return try keep(plan)
        }

        mutating func list(_ times: [Double], on base: ObjectHash? = nil) throws -> ObjectHash? {
            var head = base
            for time in times { head = try insert(time, under: head) }
            return head
        }

        mutating func merge(_ left: ObjectHash?, _ right: ObjectHash?) throws -> ObjectHash? {
            try keep(ChannelEntries.merge(left, right, read: versions.mergeable))
        }

        private mutating func keep(_ plan: ChannelEntries.Plan) throws -> ObjectHash? {
            var head = plan.base
            for entry in try plan.objects(.standard) { head = try versions.put(entry.object) }
            return head
        }

        func entries(_ head: ObjectHash?) throws -> [ChannelEntries.Entry] {
            var entries: [ChannelEntries.Entry] = []
            var next = head
            while let hash = next {
                entries.append(try ChannelEntries.entry(hash, read: versions.mergeable))
                next = entries.last?.previous
            }
            return entries
        }

        func times(_ head: ObjectHash?) throws -> [Double] { try entries(head).map(\.milliseconds) }
    }

    @Test func `Entries stand in order of time and hash however they came`() throws {
        let random = RandomVersions(.standard, seed: 1)
        for _ in 0..<50 {
            var lists = Lists()
            let messages = (0..<8).map { (Double(random.number(below: 4)), $0) }
            var heads: Set<ObjectHash?> = []
            for _ in 0..<3 {
                var head: ObjectHash?
                for (time, number) in random.shuffled(messages) { head = try lists.insert(time, number, under: head) }
                heads.insert(head)
            }
            #expect(heads.count == 1)
            let keys = try lists.entries(#require(heads.first)).map { ($0.milliseconds, $0.creationTime) }
            #expect(zip(keys, keys.dropFirst()).allSatisfy { $0 > $1 })
        }
    }

    @Test func `Two lists become one on what they have in common, the same from either side`() throws {
        var lists = Lists()
        let common = try lists.list([1, 2, 5])
        let (left, right) = (try lists.list([3, 7], on: common), try lists.list([6, 4, 8], on: common))
        let merged = try lists.merge(left, right)
        #expect(try lists.times(merged) == [8, 7, 6, 5, 4, 3, 2, 1])
        #expect(try lists.merge(right, left) == merged)
        #expect(try lists.merge(left, merged) == merged)
        // The entries below the first difference stay.
        let base = try lists.entries(merged).map(\.hash)
        #expect(try base.contains(#require(try lists.list([1, 2]))))
        let whole = try ChannelEntries.merge(merged, right, read: lists.versions.mergeable)
        #expect(try whole.objects(.standard).last?.hash ?? whole.base == merged)
    }

    @Test func `Lists without anything in common end where one of them ends`() throws {
        var lists = Lists()
        let (left, right) = (try lists.list([1, 3, 5]), try lists.list([2, 4]))
        let merged = try lists.merge(left, right)
        #expect(try lists.times(merged) == [5, 4, 3, 2, 1])
        #expect(try lists.entries(merged).last?.hash == lists.list([1]))
        #expect(try lists.merge(nil, right) == right)
        #expect(try lists.merge(left, nil) == left)
    }

    @Test func `What both have is there once, with what either says of it`() throws {
        var lists = Lists()
        let (one, other) = (try lists.creationTime(90), try lists.creationTime(91))
        let left = try lists.insert(2, metadata: [one], under: lists.list([1]))
        let right = try lists.insert(2, metadata: [other], under: lists.list([0, 1]))
        let merged = try lists.merge(left, right)
        #expect(try lists.times(merged) == [2, 1, 0])
        #expect(try lists.entries(merged)[0].metadata == .list([one, other].sorted().map(Value.reference)))
        #expect(try lists.merge(right, left) == merged)
    }

    @Test func `That another instance has no more of a channel than this one makes no version`() throws {
        var lists = Lists()
        let info = OneObject("ChannelInfo", [("id", .string("c"))])
        let id = try lists.versions.id(of: info)
        func version(_ head: ObjectHash?) -> OneObject {
            var version = info
            version["head"] = head.map(Value.reference)
            return version
        }
        let (short, long) = (try lists.list([1, 2]), try lists.list([1, 2, 3]))
        try lists.versions.change(version(long), at: 5)
        let head = lists.versions.heads
        for told in [short, long, nil] {
            let node = try lists.versions.put(version(told), link: .edge, depth: 0, at: 9)
            #expect(try lists.versions.take([node], of: id) == .exists)
        }
        #expect(lists.versions.heads == head)
        let more = try lists.list([4], on: short)
        let node = try lists.versions.put(version(more), link: .edge, depth: 0, at: 9)
        #expect(try lists.versions.take([node], of: id) == .merged)
        guard case .reference(let first)? = try lists.versions.current(id)?["head"] else { return }
        #expect(try lists.times(first) == [4, 3, 2, 1])
    }
}
