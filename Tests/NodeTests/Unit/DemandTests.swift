import Catalog
import Objects
import Storage
import Testing

@testable import Node

/// What must be on a device by its policy, from facts alone.
@Suite struct DemandTests {
    static let now = Timestamp(milliseconds: 1_700_000_000_000)
    static let active: Int64 = 1
    static let quiet: Int64 = 2

    static func ago(_ days: Double) -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000 - days * 86_400_000) }

    static func demand(_ role: String, _ rest: String = "") throws -> Demand {
        let text = "[instance]\nname = \"box\"\nrole = \"\(role)\"\n" + rest
        return Demand(try Configuration(toml: text).policy, at: now, activities: [active: ago(2), quiet: ago(90)])
    }

    static func message(_ days: Double, in thread: Int64 = quiet, newer: Int = 1_000) -> ObjectPart {
        .message(DayPlace(thread: thread, day: 0, last: ago(days), messageCount: 1, newerMessageCount: newer))
    }

    struct Case: CustomTestStringConvertible {
        var role: String
        var rest = ""
        var part: ObjectPart
        var ground: Ground?

        var testDescription: String { "\(role) \(rest) \(part)" }
    }

    static let cases = [
        Case(role: "archive", part: .other, ground: .everything),
        Case(role: "archive", part: message(9_000), ground: .everything),
        Case(role: "cache", part: message(29), ground: .essential(.recentMessages)),
        Case(role: "cache", part: message(31), ground: nil),
        Case(role: "cache", part: message(400, in: active, newer: 49), ground: .essential(.activeConversations)),
        Case(role: "cache", part: message(400, in: active, newer: 50), ground: nil),
        Case(role: "cache", part: message(400, in: quiet, newer: 0), ground: nil),
        Case(role: "cache", part: .contact(isOwner: false), ground: .essential(.contacts)),
        Case(role: "cache", part: .contact(isOwner: true), ground: .essential(.userProfile)),
        Case(role: "cache", part: .attachment(ago(1)), ground: nil),
        Case(role: "cache", part: .file(ago(1)), ground: nil),
        Case(role: "cache", part: .other, ground: nil),
        Case(role: "minimal", part: message(6), ground: .essential(.recentMessages)),
        Case(role: "minimal", part: message(8), ground: nil),
        Case(role: "minimal", part: message(60, in: active, newer: 3), ground: .essential(.activeConversations)),
        Case(role: "minimal", part: .attachment(ago(0)), ground: nil),
        Case(
            role: "cache",
            rest: "[storage]\nkeep_recent_days = 60",
            part: message(59),
            ground: .essential(.recentMessages)
        ),
        Case(role: "cache", rest: "[storage]\nkeep_all_objects = true", part: .other, ground: .everything),
        Case(role: "cache", rest: "[storage]\nessentials = []", part: message(3), ground: .recent(.message, days: 30)),
        Case(
            role: "cache",
            rest: "[storage]\nessentials = []",
            part: .contact(isOwner: true),
            ground: .fullSync(.contact)
        ),
        Case(role: "minimal", rest: "[storage]\nessentials = [\"contacts\"]", part: message(3), ground: nil),
        Case(
            role: "cache",
            rest: "[sync.strategies]\nMessage = \"full-sync\"",
            part: message(900),
            ground: .fullSync(.message)
        ),
        Case(role: "cache", rest: "[sync.strategies]\nMessage = \"on-demand\"", part: message(1), ground: nil),
        Case(
            role: "cache",
            rest: "[sync.strategies]\nFile = \"recent-first\"",
            part: .attachment(ago(29)),
            ground: .recent(.file, days: 30)
        ),
        Case(role: "cache", rest: "[sync.strategies]\nFile = \"recent-first\"", part: .file(ago(31)), ground: nil),
        Case(
            role: "cache",
            rest: "[sync.strategies]\nFile = \"full-sync\"",
            part: .file(ago(999)),
            ground: .fullSync(.file)
        ),
        Case(
            role: "minimal",
            rest: "[sync.strategies]\nFile = \"full-sync\"",
            part: .file(ago(9)),
            ground: .fullSync(.file)
        ),
        Case(
            role: "cache",
            rest: "[sync.strategies]\nContact = \"on-demand\"",
            part: .contact(isOwner: false),
            ground: nil
        ),
        Case(
            role: "cache",
            rest: "[load_on_demand]\nprefetch = [\"old-messages\"]",
            part: message(900),
            ground: .prefetched(.oldMessages)
        ),
        Case(
            role: "cache",
            rest: "[load_on_demand]\nprefetch = [\"files\"]",
            part: .attachment(ago(900)),
            ground: .fullSync(.file)
        ),
        Case(role: "cache", rest: "[load_on_demand]\nlazy = [\"recent-messages\"]", part: message(1), ground: nil),
        Case(
            role: "cache",
            rest: "[load_on_demand]\nlazy = [\"contacts\"]",
            part: .contact(isOwner: false),
            ground: nil
        ),
    ]

    @Test(arguments: cases) func theRulesAreThoseOfTheDesign(_ `case`: Case) throws {
        #expect(try Self.demand(`case`.role, `case`.rest).ground(of: `case`.part) == `case`.ground)
    }

    @Test func theStrongestReasonCounts() throws {
        let demand = try Self.demand("cache")
        let recent = Self.message(1)
        var facts = Demand.Facts([recent, .other], lastUse: Self.ago(0))
        #expect(demand.ground(of: facts) == .essential(.recentMessages))
        facts.isWorking = true
        #expect(demand.ground(of: facts) == .working)
        facts.isUnderReplicated = true
        #expect(demand.ground(of: facts) == .underReplicated)
        facts.pin = "files"
        #expect(demand.ground(of: facts) == .pinned("files"))
        #expect(demand.ground(of: .init([.attachment(Self.ago(90))])) == .expired)
        #expect(demand.ground(of: .init([.attachment(Self.ago(90))], lastUse: Self.ago(3))) == .used(Self.ago(3)))
        #expect(demand.ground(of: .init([.attachment(Self.ago(3))])) == .idle)
        let order: [Ground] = [
            .expired, .idle, .used(Self.ago(3)), .used(Self.ago(2)), .prefetched(.files), .recent(.file, days: 3),
            .fullSync(.file), .essential(.contacts), .everything, .working, .underReplicated, .pinned("a"),
        ]
        #expect(order.shuffled().sorted() == order)
        #expect(order.filter(\.isDemand).first == .prefetched(.files))
    }

    /// A policy of any keys that go together, from a seed.
    private func policy(_ random: SeededRandom) -> Demand? {
        func pick(_ words: [String]) -> String { words[Int(random.number(below: UInt64(words.count)))] }
        func quoted(_ words: [String]) -> String {
            "[" + words.filter { _ in random.number(below: 2) == 0 }.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        }
        let lines = [
            "[storage]", pick(["", "keep_recent_days = 3", "keep_recent_days = 400"]),
            pick(["", "max_object_age = \"9d\"", "max_object_age = \"unlimited\""]),
            pick(["", "essentials_only = true", "essentials_only = false"]),
            pick(["", "essentials = " + quoted(Policy.Essential.allCases.map(\.rawValue))]), "[load_on_demand]",
            pick(["", "prefetch = " + quoted(Policy.Kind.allCases.map(\.rawValue))]), "[sync.strategies]",
            pick(["", "Message = \"full-sync\"", "Message = \"recent-first\"", "Message = \"on-demand\""]),
            pick(["", "File = \"full-sync\"", "File = \"recent-first\"", "File = \"on-demand\""]),
        ]
        return try? Self.demand(pick(["archive", "cache", "minimal"]), lines.joined(separator: "\n"))
    }

    @Test(arguments: 0..<300 as Range<UInt64>) func newerIsNeverLessDemanded(_ seed: UInt64) {
        let random = SeededRandom(seed: seed)
        guard let demand = policy(random) else { return }
        func days() -> Double { Double(random.number(below: 1_000)) }
        for _ in 0..<50 {
            let (old, new) = { a, b in (max(a, b), min(a, b)) }(days(), days())
            let thread = [Self.active, Self.quiet][Int(random.number(below: 2))]
            let newer = Int(random.number(below: 100))
            let pairs: [(ObjectPart, ObjectPart)] = [
                (Self.message(old, in: thread, newer: newer + 9), Self.message(new, in: thread, newer: newer)),
                (.file(Self.ago(old)), .file(Self.ago(new))), (.attachment(Self.ago(old)), .attachment(Self.ago(new))),
            ]
            for (older, newer) in pairs where demand.ground(of: older) != nil {
                #expect(demand.ground(of: newer) != nil, "seed \(seed): \(older) and not \(newer)")
            }
            // Beyond the days that are looked at nothing is demanded: each has a message at least.
            if let count = demand.dayCountMax {
                let beyond = Self.message(Double(count), in: thread, newer: count)
                #expect(demand.ground(of: beyond) == nil, "seed \(seed)")
            }
            let part = [ObjectPart.other, .contact(isOwner: false), Self.message(old)][Int(random.number(below: 3))]
            let facts = Demand.Facts([part], lastUse: Self.ago(old))
            #expect(demand.ground(of: facts).isDemand == (demand.ground(of: part) != nil), "seed \(seed)")
        }
    }

    @Test func whatIsBroughtAheadEndsWhereRoomDoes() {
        let block = 4_096
        let wishes: [(Int, Ground)] = [
            (99 * block, .fullSync(.file)), (60 * block, .fullSync(.file)), (10 * block, .fullSync(.file)),
            (1, .fullSync(.file)), (30 * block, .essential(.contacts)), (1, .essential(.contacts)),
        ]
        func answers(_ room: SupplyRoom) -> [Bool] {
            var room = room
            return wishes.map { room.take($0, for: $1) }
        }
        // After the first that does not fit nothing older comes in its place, but what is essential.
        #expect(answers(SupplyRoom(limit: 100 * block, used: 0)) == [false, true, false, false, true, false])
        #expect(answers(SupplyRoom(limit: nil, used: 1 << 40)).allSatisfy { $0 })
    }

    @Test func whoOpensAllConversationsOpensNone() {
        var openings = Openings()
        func minute(_ threads: [Int64], from start: Int) -> [Int64: Timestamp] {
            for (index, thread) in threads.enumerated() {
                let none = openings.note(thread, at: Self.now, elapsed: .seconds(start) + .milliseconds(index))
                #expect(none.isEmpty)
            }
            return openings.settle(.seconds(start + 60))
        }
        #expect(minute([1, 2, 1], from: 0).keys.sorted() == [1, 2])
        #expect(minute(Array(1...40), from: 100).isEmpty)
        #expect(minute([3], from: 200).keys.sorted() == [3])
        #expect(openings.settle(.seconds(999)).isEmpty)
    }
}
