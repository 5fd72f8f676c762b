import Testing

@testable import Bench

/// That traces are what they say: the same from a seed, in order, and with the structure that a forecast is to find.
@Suite struct TraceTests {
    private static let small = {
        var plan = TracePlan(name: "small")
        (plan.conversationCount, plan.dayCount, plan.historyDayCount, plan.scanEveryDays) = (8, 21, 40, 10)
        return plan
    }()

    @Test func aSeedMakesTheSameTraceAndAnotherOneAnother() {
        let (first, again, other) = (Trace(Self.small, seed: 5), Trace(Self.small, seed: 5), Trace(Self.small, seed: 6))
        #expect(first.objects == again.objects)
        #expect(first.reads.map(\.object) == again.reads.map(\.object))
        #expect(first.reads.map(\.time) == again.reads.map(\.time))
        #expect(first.reads.map(\.object) != other.reads.map(\.object))
    }

    @Test func nothingIsReadBeforeItIsThereAndTimeGoesForward() {
        let trace = Trace(Self.small, seed: 7)
        var last = 0.0
        for visit in trace.visits {
            #expect(visit.time >= last)
            last = visit.time
            for object in visit.reads {
                #expect(trace.objects[object].created <= visit.time)
                #expect(trace.objects[object].conversation == visit.conversation)
            }
        }
    }

    @Test func everyCauseIsThereAndAScanReadsEverything() throws {
        let trace = Trace(Self.small, seed: 8)
        let counts = Dictionary(grouping: trace.visits, by: \.cause).mapValues(\.count)
        for cause in Trace.Cause.allCases { #expect(counts[cause] ?? 0 > 0, "\(cause)") }
        let scans = trace.visits.filter { $0.cause == .scan && $0.time < 10 * Trace.secondsPerDay }
        let read = Set(scans.flatMap(\.reads))
        let end = try #require(scans.map(\.time).min())
        #expect(read.isSuperset(of: trace.objects.indices.filter { trace.objects[$0].created <= end }))
    }

    @Test func habitsAreAtTheirTimes() throws {
        var plan = Self.small
        (plan.checksPerDay, plan.browsesPerDay, plan.burstsPerDay, plan.drift, plan.followShare) = (0, 0, 0, 0, 0)
        (plan.dailyHabitCount, plan.weeklyHabitCount, plan.habitStrength) = (1, 0, 1)
        let visits = Trace(plan, seed: 9).visits.filter { $0.cause == .habit }
        let hours = visits.map { ($0.time / 3600).truncatingRemainder(dividingBy: 24) }
        let mean = hours.reduce(0, +) / Double(hours.count)
        #expect(visits.count >= 6 && hours.allSatisfy { abs($0 - mean) < 1.5 })
    }

    @Test func whatIsKnownOfTheFutureSavesWaitsAndNothingCostsNothing() {
        let trace = Trace(Self.small, seed: 10)
        func replay(_ forecast: Forecast) -> Replay.Result {
            var replay = Replay(trace, forecast, quota: trace.byteCount / 10)
            return replay.run()
        }
        let (nothing, habits, oracle) = (replay(.nothing), replay(.habits), replay(.oracle))
        #expect(nothing.aheadByteCount == 0 && nothing.wastedByteCount == 0)
        #expect(habits.hitCount > nothing.hitCount && oracle.hitCount > nothing.hitCount)
        #expect(habits.usedByteCount + habits.wastedByteCount <= habits.aheadByteCount)
        #expect(oracle.firstRightCount == oracle.openingCount)
    }
}
