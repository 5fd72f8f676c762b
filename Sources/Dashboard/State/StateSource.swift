import Catalog
import Node
import Objects
import Synchronization

/// Makes the state of the page, what takes long not more often than is needed.
final class StateSource: Sendable {
    /// What takes long takes no more than a fiftieth of the time; where that allows it, it is no older than this.
    private static let sharesCost = 50
    private static let sharesAgeMax = Duration.seconds(60)

    private struct KeptShares {
        var shares: Shares
        /// What was known and here then.
        var counts: [Int]
        var time: Duration
        /// How long it took.
        var cost: Duration
    }

    private let node: Node
    private let history: ReadHistory
    private let kept = Mutex<KeptShares?>(nil)

    init(node: Node) {
        self.node = node
        history = ReadHistory(time: node.time)
    }

    func forgetShares() { kept.withLock { $0 = nil } }

    func bytes() async throws -> [UInt8] { try JSON.bytes(try await state()) }

    private func state() async throws -> PageState {
        let snapshot = try node.recentSnapshot()
        notePoint()
        return PageState(
            takenAt: node.time.now.nanoseconds / 1_000_000,
            snapshot: snapshot,
            shares: try await shares(snapshot.stats),
            events: try node.events.events(last: PageState.eventCount).map { PageState.Event($0, on: node) },
            history: history.points
        )
    }

    /// How reading went until now, if that was not noted lately.
    func notePoint() {
        guard history.isDue else { return }
        let (reads, fetches) = (node.counters.readReport, node.counters.fetches.report)
        let fetched = fetches.outcomes.first { $0.outcome == FetchCounters.Outcome.fetched.rawValue }
        history.add(
            ReadHistory.Point(
                time: node.time.now.nanoseconds / 1_000_000,
                hits: reads.hits,
                misses: reads.misses,
                buckets: fetched?.buckets ?? [],
                failures: fetches.count - (fetched?.count ?? 0)
            )
        )
    }

    private func shares(_ stats: Snapshot.Counts) async throws -> Shares {
        let now = node.time.elapsed
        let counts = [stats.totalObjects, stats.localObjects, stats.underReplicated ?? -1]
        if let kept = kept.withLock({ $0 }) {
            let age = now - kept.time
            let isDue = kept.counts != counts || age >= Self.sharesAgeMax
            if !isDue || age < kept.cost * Self.sharesCost { return kept.shares }
        }
        let shares = try await Shares(of: node)
        let cost = node.time.elapsed - now
        kept.withLock { $0 = KeptShares(shares: shares, counts: counts, time: now, cost: cost) }
        return shares
    }
}
