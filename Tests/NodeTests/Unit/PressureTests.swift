import Objects
import Testing

@testable import Node

/// When room is made, and what counts as used.
@Suite struct PressureTests {
    @Test func levelsRiseAtOnceAndFallLater() {
        var gauge = PressureGauge()
        #expect(gauge.read(0.69) == nil)
        #expect(gauge.read(0.7) == .warning)
        // To and fro around a mark is no news.
        for fraction in [0.69, 0.71, 0.66, 0.72] { #expect(gauge.read(fraction) == nil) }
        #expect(gauge.read(0.97) == .full)
        #expect(gauge.read(0.93) == nil)
        #expect(gauge.read(0.9) == .critical)
        #expect(gauge.next == 0.96)
        #expect(gauge.read(0.5) == .normal)
        #expect(gauge.next == 0.7)
        #expect(gauge.read(1.5) == .full)
    }

    @Test func noSeriesOfFractionsSkipsAMark() {
        var gauge = PressureGauge()
        let dice = SeededRandom(seed: 3)
        for _ in 0..<10_000 {
            let fraction = Double(dice.bytes(2).reduce(0) { $0 << 8 | Int($1) }) / 65_536
            _ = gauge.read(fraction)
            if let mark = PressureGauge.marks[gauge.level] { #expect(fraction >= mark.low) }
            #expect(fraction < gauge.next || gauge.level == .full)
        }
    }

    @Test func whatGoesFollowsTheLevel() {
        #expect(PressureStep.steps(at: .normal, keepsVersions: false).isEmpty)
        #expect(
            PressureStep.steps(at: .warning, keepsVersions: false) == [.former(withHistory: false), .unused(.days(60))]
        )
        #expect(PressureStep.steps(at: .warning, keepsVersions: true) == [.unused(.days(60))])
        #expect(
            PressureStep.steps(at: .critical, keepsVersions: true)
                == [.former(withHistory: true), .unused(.days(30)), .parts, .images]
        )
        #expect(PressureStep.steps(at: .full, keepsVersions: false).last == .leastWorth)
        #expect(PressureStep.retention(keepsVersions: true, ageMax: nil).isEmpty)
        #expect(
            PressureStep.retention(keepsVersions: false, ageMax: .days(30))
                == [.former(withHistory: true), .unused(.days(30))]
        )
    }

    @Test func `What cannot be used is used up for whoever comes ahead, as for who makes room`() {
        let reading = Charge.Reading(used: 600, quota: 1_000, free: 5_000, reserve: 100)
        #expect(reading.committed == 700 && reading.pressure == 0.7)
        #expect(!SupplyRoom(limit: reading.limit, used: reading.committed).isOpen)
        #expect(LoadingRules.hasRoom(for: 250, in: reading) && !LoadingRules.hasRoom(for: 251, in: reading))
    }

    @Test func whoReadsEverythingUsesNothing() {
        func hash(_ number: Int) -> ObjectHash { ObjectHash(of: Array("\(number)".utf8)) }
        func time(_ seconds: Int64) -> Timestamp { Timestamp(nanoseconds: seconds * 1_000_000_000) }
        var person = UseRound()
        for number in 0..<50 { person.add(hash(number % 7), at: time(Int64(number)), by: nil) }
        #expect(person.result().used.count == 7 && person.result().scanned.isEmpty)
        #expect(person.isOver(at: time(10)) && !person.isOver(at: time(9)))
        var search = UseRound()
        for number in 0...UseRound.countMax { search.add(hash(number), at: time(1), by: nil) }
        #expect(search.result().used.isEmpty && search.result().scanned.count == UseRound.countMax + 1)
        var copy = UseRound()
        copy.add(hash(1), at: time(1), by: "rsync")
        copy.add(hash(2), at: time(1), by: "less")
        #expect(copy.result().used.map(\.hash) == [hash(2)] && copy.result().scanned == [hash(1)])
    }
}
