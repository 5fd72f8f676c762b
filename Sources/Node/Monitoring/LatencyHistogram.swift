import Objects

/// How long things took: counts in fixed steps, from a thousandth of a second to a minute.
///
/// Adding costs two atomic additions and no memory.
package final class LatencyHistogram: Sendable {
    /// Upper ends of the steps; what takes longer than all is counted last.
    package static let bounds: [Duration] = [
        .milliseconds(1), .microseconds(2_500), .milliseconds(5), .milliseconds(10), .milliseconds(25),
        .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500), .seconds(1),
        .milliseconds(2_500), .seconds(5), .seconds(10), .seconds(30), .seconds(60),
    ]

    /// One counter for each step, one for what is longer, and the sum in microseconds.
    private let counters: CounterTable
    private static let sum = bounds.count + 1

    package init() { counters = CounterTable(count: Self.bounds.count + 2) }

    /// Something took so long; up to a bound belongs to it.
    package func add(_ duration: Duration) {
        counters.add(at: Self.bounds.firstIndex { duration <= $0 } ?? Self.bounds.count)
        counters.add(Int(max(.zero, duration) / .microseconds(1)), at: Self.sum)
    }

    /// How many there were in each step; the last: longer than all.
    package var buckets: [Int] { (0...Self.bounds.count).map { counters[$0] } }

    package var seconds: Double { Double(counters[Self.sum]) / 1_000_000 }
}
