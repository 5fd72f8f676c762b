package import Objects

/// What came of fetches, and how long they took (`Snapshot.Fetches`).
package final class FetchCounters: Sendable {
    package enum Outcome: String, CaseIterable, Sendable {
        case fetched, unreachable
        case timedOut = "timed-out"
        case refused, damaged
        case noSpace = "no-space"
        case unknown, cancelled, failed

        package init(_ error: ObjectError?) {
            self =
                switch error {
                case nil: .fetched
                case .unreachable: .unreachable
                case .timedOut: .timedOut
                case .refused, .fetchNotAllowed: .refused
                case .damaged: .damaged
                case .noSpace: .noSpace
                case .unknown: .unknown
                case .cancelled: .cancelled
                case .system: .failed
                }
        }

        fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    private let histograms: [LatencyHistogram]
    /// Begun, ended.
    private let counts: CounterTable

    package init() {
        histograms = Outcome.allCases.map { _ in LatencyHistogram() }
        counts = CounterTable(count: 2)
    }

    func begin() { counts.add(at: 0) }

    func end(_ error: ObjectError?, after duration: Duration) {
        counts.add(at: 1)
        histograms[Outcome(error).index].add(duration)
    }

    package var report: Snapshot.Fetches {
        Snapshot.Fetches(
            bounds: LatencyHistogram.bounds.map { $0 / .seconds(1) },
            outcomes: zip(Outcome.allCases, histograms).map { outcome, histogram in
                let buckets = histogram.buckets
                return .init(
                    outcome: outcome.rawValue,
                    count: buckets.reduce(0, +),
                    seconds: histogram.seconds,
                    buckets: buckets
                )
            },
            // What ended is read first: never below zero.
            inFlight: { [ended = counts[1]] in max(0, counts[0] - ended) }()
        )
    }
}

/// One fetch that is measured, from its beginning to its end.
struct FetchMeter: Sendable {
    private let counters: FetchCounters
    private let time: any Timekeeper
    private let begun: Duration

    init(_ counters: FetchCounters, _ time: any Timekeeper) {
        (self.counters, self.time, begun) = (counters, time, time.elapsed)
        counters.begin()
    }

    /// To be called once; nil: the bytes are here.
    func end(_ error: ObjectError?) { counters.end(error, after: time.elapsed - begun) }

    func end(_ outcome: Flight.Outcome) {
        if case .failure(let error) = outcome { end(error) } else { end(nil) }
    }
}
