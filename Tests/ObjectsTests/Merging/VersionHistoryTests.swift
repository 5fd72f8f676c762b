import Foundation
import Testing

@testable import Objects

/// Random histories of three instances of one owner that write versions and messages, hear of a contact's versions, and
/// meet in any order.
///
/// `IOM_SEEDS=n` runs that many.
@Suite(.timeLimit(.minutes(10))) struct VersionHistoryTests {
    private let book: RecipeBook

    init() throws { book = try FixtureBook.book.get() }

    @Test func `Instances that met end at the same heads, with every message once and in order`() throws {
        for seed in MergePropertyTests.seeds {
            var household = try Household(book, seed: seed)
            for _ in 0..<30 { try household.step() }
            let rounds = try household.meetUntilNothingHappens()
            #expect(rounds <= 3, "seed \(seed)")
            for other in household.instances.dropFirst() {
                #expect(other.heads == household.instances[0].heads, "seed \(seed)")
            }
            for channel in household.channels {
                let entries = try household.entries(of: channel)
                let expected = household.said[channel, default: []].sorted {
                    ($0.milliseconds, $0.creationTime) > ($1.milliseconds, $1.creationTime)
                }
                #expect(entries == expected, "seed \(seed)")
            }
        }
    }

    private struct Message: Hashable {
        let milliseconds: Double
        let creationTime: ObjectHash
    }

    private struct Household {
        let random: RandomVersions
        let book: RecipeBook
        var instances: [MemoryVersions]
        var said: [IDHash: Set<Message>] = [:]
        var channels: [IDHash] = []
        private let channelObjects: [OneObject]
        private let things: [(type: String, id: IDHash)]
        private var heard: [[(id: IDHash, node: ObjectHash)]] = [[], [], []]
        private var messageCount = 0

        init(_ book: RecipeBook, seed: UInt64) throws {
            (self.book, random) = (book, RandomVersions(book, seed: seed))
            let empty = try MemoryVersions.withReferredObjects(book)
            instances = [empty, empty, empty]
            var things: [(String, IDHash)] = []
            for _ in 0..<3 {
                let type = random.pick(RandomVersions.types)
                things.append((type, try empty.id(of: random.version(of: 1, type))))
            }
            self.things = things
            channelObjects = ["a", "b"].map { OneObject("ChannelInfo", [("id", .string($0))]) }
            channels = try channelObjects.map { try empty.id(of: $0) }
        }

        mutating func step() throws {
            let number = random.number(below: instances.count)
            switch random.number(below: 10) {
            case 0..<3: try write(on: number)
            case 3..<6: try say(on: number)
            case 6: try hear(on: number)
            case 7:
                // Only one of them hears of the other.
                try tell(number, of: (number + 1 + random.number(below: 2)) % 3)
            case 8:
                // It was long on its way.
                for head in heard[number] { try instances[number].adopt(head.node, of: head.id) }
                heard[number] = []
            default: try meet(number, (number + 1 + random.number(below: 2)) % 3)
            }
        }

        /// Meets in a random order until no head changes; how many rounds that took.
        mutating func meetUntilNothingHappens() throws -> Int {
            var rounds = 0
            while rounds < 10 {
                let before = instances.map(\.heads)
                for (one, other) in random.shuffled([(0, 1), (1, 2), (0, 2)]) { try meet(one, other) }
                if instances.map(\.heads) == before { return rounds }
                rounds += 1
            }
            return rounds
        }

        private mutating func write(on number: Int) throws {
            let thing = random.pick(things)
            let current = try instances[number].current(thing.id)
            let new = try current.map { try random.changed($0) } ?? random.version(of: 1, thing.type)
            try instances[number].change(new, at: time())
        }

        private mutating func say(on number: Int) throws {
            let channel = random.number(below: channels.count)
            let time = time()
            messageCount += 1
            let text = try instances[number].put(OneObject("ChatRequest", [("for", .string("\(messageCount)"))]))
            let fields: [(String, Value?)] = [("timestamp", .number(time)), ("data", .reference(text))]
            let creationTime = try instances[number].put(OneObject("CreationTime", fields))
            said[channels[channel], default: []].insert(Message(milliseconds: time, creationTime: creationTime))
            var info = try instances[number].current(channels[channel]) ?? channelObjects[channel]
            var head: ObjectHash?
            if case .reference(let hash)? = info["head"] { head = hash }
            let plan = try ChannelEntries.insert(
                creationTime: creationTime,
                milliseconds: time,
                metadata: [],
                under: head,
                read: instances[number].mergeable
            )
            for entry in try plan.objects(book) { head = try instances[number].put(entry.object) }
            info["head"] = head.map(Value.reference)
            try instances[number].change(info, at: time)
        }

        /// A contact's version of something comes to one of them.
        private mutating func hear(on number: Int) throws {
            let thing = random.pick(things)
            let version = try random.version(of: 1, thing.type)
            let node = try instances[number].put(version, link: .edge, depth: 0, at: time())
            try instances[number].take([node], of: thing.id)
        }

        private mutating func meet(_ one: Int, _ other: Int) throws {
            let told = instances[one].heads
            instances[one].takeObjects(of: instances[other])
            instances[other].takeObjects(of: instances[one])
            for (id, node) in instances[other].heads { try instances[one].adopt(node, of: id) }
            for (id, node) in told { try instances[other].adopt(node, of: id) }
        }

        private mutating func tell(_ one: Int, of other: Int) throws {
            instances[one].takeObjects(of: instances[other])
            let heads = instances[other].heads.map { (id: $0.key, node: $0.value) }
            if random.chance(50) {
                heard[one] += heads
            } else {
                for head in heads { try instances[one].adopt(head.node, of: head.id) }
            }
        }

        /// The messages of a channel, newest first.
        func entries(of channel: IDHash) throws -> [Message] {
            var messages: [Message] = []
            var next = try instances[0].current(channel)?["head"]
            while case .reference(let hash)? = next {
                let entry = try ChannelEntries.entry(hash, read: instances[0].mergeable)
                messages.append(Message(milliseconds: entry.milliseconds, creationTime: entry.creationTime))
                next = entry.previous.map(Value.reference)
            }
            return messages
        }

        private func time() -> Double { Double(random.number(below: 12)) }
    }
}
