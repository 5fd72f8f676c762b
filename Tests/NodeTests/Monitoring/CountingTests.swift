import Objects
import SystemPackage
import Testing

@testable import Node
@testable import Peers

/// Counters, histograms and rates.
struct CountingTests {
    @Test func `What many threads add at once is all there`() async {
        let counters = CounterTable(count: 3)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10_000 { counters.add(2, at: 1) } }
            }
        }
        counters.add(at: 7)
        #expect((0..<3).map { counters[$0] } == [0, 160_000, 0])
        #expect(counters[7] == 0)
    }

    @Test func `A time belongs to the step that ends with it`() {
        let histogram = LatencyHistogram()
        for milliseconds in [0, 1, 2, 10, 11, 60_000, 60_001] { histogram.add(.milliseconds(milliseconds)) }
        histogram.add(.milliseconds(-5))
        let bounds = LatencyHistogram.bounds
        func count(_ bound: Duration) -> Int? { bounds.firstIndex(of: bound).map { histogram.buckets[$0] } }
        #expect(count(.milliseconds(1)) == 3)
        #expect(count(.microseconds(2_500)) == 1)
        #expect(count(.milliseconds(10)) == 1)
        #expect(count(.milliseconds(25)) == 1)
        #expect(count(.seconds(60)) == 1)
        #expect(histogram.buckets.last == 1)
        #expect(histogram.buckets.count == bounds.count + 1)
        #expect(abs(histogram.seconds - 120.025) < 0.001)
        #expect(bounds == bounds.sorted())
    }

    @Test func `A fetch counts once, by what came of it`() {
        let counters = FetchCounters()
        let fetches: [ObjectError?] = [nil, nil, .timedOut, .damaged(by: "x"), .fetchNotAllowed, .system(.ioError, "")]
        for _ in fetches { counters.begin() }
        for error in fetches.dropLast() { counters.end(error, after: .milliseconds(3)) }
        let report = counters.report
        #expect(report.inFlight == 1)
        #expect(report.count == 5)
        let counts = Dictionary(report.outcomes.map { ($0.outcome, $0.count) }) { first, _ in first }
        #expect(counts["fetched"] == 2 && counts["timed-out"] == 1 && counts["damaged"] == 1 && counts["refused"] == 1)
        #expect(counts["cancelled"] == 0)
    }

    @Test func `A rate is of the last ten whole seconds, and zero after a pause`() {
        var ring = RateRing()
        for second in 100..<110 { ring.add(1_000, at: .seconds(second)) }
        #expect(ring.perSecond(at: .seconds(110)) == 1_000)
        #expect(ring.perSecond(at: .seconds(115)) == 500)
        #expect(ring.perSecond(at: .seconds(1_000_000)) == 0)
        ring.add(50, at: .seconds(1_000_000))
        #expect(ring.perSecond(at: .seconds(1_000_001)) == 5)
        // A clock that stands back for a moment loses nothing.
        ring.add(50, at: .seconds(999_999))
        #expect(ring.perSecond(at: .seconds(1_000_002)) == 10)
    }

    @Test func `Nothing is counted when that is switched off`() {
        let counters = CounterTable(count: 1, isCounting: false)
        counters.add(at: 0)
        #expect(counters[0] == 0)
    }
}
