import Foundation
import Objects
import Testing

@testable import Node

/// What is learnt of openings, and when guessing stops.
@Suite struct HabitTests {
    private static let hour = 3_600.0
    private static let day = 86_400.0
    /// Monday 2025-12-29, midnight.
    private static let monday = 20_451 * day

    /// Four weeks in which 1 is opened at eight on working days, 2 on Sundays at ten, 3 after 1, and 4 now and then.
    private func learnt() -> Habits {
        var habits = Habits()
        for day in 0..<28 {
            let midnight = Self.monday + Double(day) * Self.day
            if day % 7 < 5 {
                habits.open(1, at: midnight + 8 * Self.hour + Double(day % 3) * 300, fresh: [])
                habits.open(3, at: midnight + 8.2 * Self.hour, fresh: [])
            }
            if day % 7 == 6 { habits.open(2, at: midnight + 10 * Self.hour, fresh: []) }
            habits.open(4, at: midnight + Double(12 + day % 9) * Self.hour, fresh: [])
        }
        return habits
    }

    private func first(_ habits: Habits, day: Int, _ hours: Double, fresh: [UInt64] = []) -> Guess? {
        habits.likely(at: Self.monday + Double(day) * Self.day + hours * Self.hour, fresh: fresh, limit: 3).first
    }

    @Test func `The time of day, the day of the week and what came before tell what comes next`() throws {
        var habits = learnt()
        #expect(first(habits, day: 29, 7.9)?.place == 1)
        #expect(first(habits, day: 34, 9.8)?.place == 2)
        // At night it is the morning that counts.
        #expect(first(habits, day: 29, 3)?.place == 1)
        habits.open(1, at: Self.monday + 29 * Self.day + 8 * Self.hour, fresh: [])
        let next = try #require(first(habits, day: 29, 8.05))
        #expect(next.place == 3 && next.clue == .after)
    }

    @Test func `Whoever opens what is new is believed to open what is new`() throws {
        var habits = Habits()
        var dice = Dice(seed: 3)
        for index in 0..<200 {
            let fresh = UInt64.random(in: 1...20, using: &dice)
            habits.open(fresh, at: Self.monday + Double(index) * 2.3 * Self.hour, fresh: [fresh])
        }
        let guess = try #require(first(habits, day: 20, 3, fresh: [17]))
        #expect(guess.place == 17 && guess.clue == .fresh && guess.probability > 0.5)
    }

    @Test func `The same openings make the same habits, and they survive being written down`() throws {
        let habits = learnt()
        #expect(habits == learnt())
        let text = try JSONText.encode(habits)
        #expect(text.utf8.count < 20_000)
        let read = try JSONText.decode(Habits.self, from: text)
        #expect(read == habits)
        #expect(first(read, day: 29, 7.9) == first(habits, day: 29, 7.9))
    }

    @Test func `What was usual long ago gives way to what is usual now`() throws {
        var habits = learnt()
        for day in 28..<70 where day % 7 < 5 {
            habits.open(5, at: Self.monday + Double(day) * Self.day + 8 * Self.hour, fresh: [])
        }
        #expect(first(habits, day: 70, 7.9)?.place == 5)
    }

    @Test func `However many places, little is remembered, and a clock set back breaks nothing`() throws {
        var habits = Habits()
        for place in 0..<UInt64(3 * Habits.placeCountMax) {
            habits.open(place, at: Self.monday + Double(place) * 60, fresh: [place + 1])
        }
        #expect(habits.places.count == Habits.placeCountMax)
        habits.open(7, at: Self.monday - 400 * Self.day, fresh: [])
        habits.open(8, at: -1e12, fresh: [])
        let guesses = habits.likely(at: Self.monday, fresh: [], limit: 5)
        #expect(guesses.count == 5 && guesses.allSatisfy { $0.probability.isFinite && $0.probability > 0 })
        let sum = habits.likely(at: Self.monday, fresh: [], limit: .max).reduce(0) { $0 + $1.probability }
        #expect(abs(sum - 1) < 1e-9)
    }

    // MARK: Whether it is worth it

    @Test func `Guessing stops while it wastes more than it saves, starts again, and does not flutter`() {
        var confidence = Confidence()
        // One waste at the beginning tells nothing.
        confidence.note(byteCount: 1 << 20, wasUsed: false)
        #expect(confidence.isOn)
        for _ in 0..<100 { confidence.note(byteCount: 1_000, wasUsed: false) }
        #expect(!confidence.isOn)
        for _ in 0..<2_000 where !confidence.isOn { confidence.note(byteCount: 1_000, wasUsed: true) }
        #expect(confidence.isOn && (confidence.usedShare ?? 0) > Confidence.onAbove)
        // Between the marks nothing turns.
        var turns = 0
        for index in 0..<4_000 where confidence.note(byteCount: 1_000, wasUsed: index % 20 < 11) { turns += 1 }
        #expect(confidence.isOn && turns == 0)
        for index in 0..<4_000 where confidence.note(byteCount: 1_000, wasUsed: index % 20 < 9) { turns += 1 }
        #expect(!confidence.isOn && turns == 1)
        for index in 0..<4_000 where confidence.note(byteCount: 1_000, wasUsed: index % 20 < 11) { turns += 1 }
        #expect(!confidence.isOn && turns == 1)
    }

    @Test func `Bytes count, not things`() {
        var confidence = Confidence()
        for index in 0..<100 {
            confidence.note(byteCount: index % 10 == 0 ? 1_000_000 : 1_000, wasUsed: index % 10 != 0)
        }
        #expect(!confidence.isOn)
    }

    @Test func `Everything fetched ahead ends once, used or wasted`() throws {
        var ledger = AheadLedger<Int>()
        func item(_ time: Double) -> AheadLedger<Int>.Item {
            .init(byteCount: 10, time: time, why: .newest, isPretended: false)
        }
        for key in 0..<10 { #expect(ledger.add(key, item(Double(key) * Self.day)).isEmpty) }
        #expect(ledger.pendingByteCount == 100)
        #expect(ledger.use(3)?.wasUsed == true && ledger.use(3) == nil)
        #expect(ledger.lose(4)?.wasUsed == false && ledger.lose(4) == nil)
        // Fetched ahead once more: its time is the new one.
        #expect(ledger.add(3, item(9 * Self.day)).isEmpty)
        #expect(ledger.expire(at: 7.5 * Self.day).map(\.wasUsed) == [false])
        #expect(ledger.expire(at: 12.5 * Self.day).count == 3)
        #expect(ledger.items.map(\.key) == [6, 7, 8, 9, 3])
        var ends = 0
        for key in 100..<100 + 2 * AheadLedger<Int>.countMax { ends += ledger.add(key, item(10 * Self.day)).count }
        #expect(ledger.count == AheadLedger<Int>.countMax && ends == AheadLedger<Int>.countMax + 5)
    }

    // MARK: Where somebody is

    @Test func `Who goes through many places in a moment is in none of them`() {
        var places = OpenPlaces()
        #expect(places.use(1, at: 0) == .opened(1))
        #expect(places.use(1, at: 1) == nil)
        #expect(places.use(2, at: 2) == .opened(2))
        #expect(places.use(1, at: 40) == .opened(1))
        #expect(places.use(10, at: 41) == .opened(10))
        #expect(places.use(11, at: 41) == .scan && places.isScan)
        for place in 14..<200 { #expect(places.use(EntryNumber(place), at: 42 + Double(place) / 50) == nil) }
        // It is over when it has been quiet.
        #expect(places.use(3, at: 90) == .opened(3) && !places.isScan)
        // One that takes its time is one, too.
        for place in 4..<9 { #expect(places.use(EntryNumber(place), at: 90 + Double(place) * 5) != .scan) }
        #expect(places.use(9, at: 136) == .scan)
    }

    @Test func `What is new where somebody often is comes ahead, where hardly anybody goes it does not`() {
        let habits = learnt()
        let noon = Self.monday + 28.5 * Self.day
        let ready = habits.preparations(at: noon, fresh: [2, 4, 9])
        #expect(ready.contains { $0.place == 4 } && !ready.contains { $0.place == 9 })
        #expect(habits.soon(4, at: noon) > 0.9 && habits.soon(2, at: noon) < 0.5 && habits.soon(9, at: noon) == 0)
        #expect(ready.allSatisfy { $0.since == habits.lastOpened($0.place) })
    }

    // MARK: What the policy says

    @Test func `What comes ahead is what the policy says`() throws {
        func rules(_ role: String, _ lines: String = "") throws -> LoadingRules {
            LoadingRules(
                try Configuration(toml: "[instance]\nname = \"x\"\nrole = \"\(role)\"\n\n[load_on_demand]\n" + lines)
                    .policy
            )
        }
        let archive = try rules("archive")
        #expect(!archive.loadsOpened && !archive.guesses && !archive.bringsFiles)
        for role in ["cache", "minimal"] {
            let usual = try rules(role)
            #expect(usual.loadsOpened && usual.guesses && !usual.bringsFiles && !usual.goesBack)
            #expect(usual.fileByteCountMax == LoadingRules.attachmentByteCountMax)
        }
        let lazy = try rules(
            "cache",
            "prefetch = [\"contacts\"]\nlazy = [\"recent-messages\", \"old-messages\", \"files\"]"
        )
        #expect(!lazy.loadsOpened && !lazy.guesses)
        let quiet = try rules("cache", "prefetch = [\"contacts\"]\nlazy = [\"old-messages\", \"files\"]")
        #expect(quiet.loadsOpened && !quiet.guesses)
        let eager = try rules("cache", "prefetch = [\"recent-messages\", \"old-messages\", \"files\"]\nlazy = []")
        #expect(eager.goesBack && eager.bringsFiles && eager.fileByteCountMax > LoadingRules.attachmentByteCountMax)
    }
}
