import Objects
import Synchronization

/// How reading went, over time: counts at some instants, of which the page shows the differences.
///
/// A point is made when something was fetched, or when somebody looks; in between nothing happened that is worth one.
final class ReadHistory: Sendable {
    /// Closer points are one.
    private static let pause = Duration.seconds(5)
    /// Beyond this every second of the older half is forgotten: the last hours finely, days before them coarsely.
    private static let countMax = 480

    /// Counts since the start of the node.
    struct Point: Encodable, Hashable, Sendable {
        /// Milliseconds since 1970.
        var time: Int64
        var hits: Int
        var misses: Int
        /// Fetches by how long they took, as `bounds` of the snapshot tells.
        var buckets: [Int]
        var failures: Int
    }

    private struct State {
        var points: [Point] = []
        var last: Duration?
    }

    private let time: any Timekeeper
    private let state = Mutex(State())

    init(time: any Timekeeper) { self.time = time }

    /// Whether a point is due.
    var isDue: Bool {
        let now = time.elapsed
        return state.withLock { $0.last.map { now - $0 >= Self.pause } ?? true }
    }

    func add(_ point: Point) {
        let now = time.elapsed
        state.withLock { state in
            state.last = now
            // Nothing happened since: the last one goes on.
            if state.points.count > 1, let last = state.points.last, last.isAlike(point),
                state.points[state.points.count - 2].isAlike(point)
            {
                return state.points[state.points.count - 1].time = point.time
            }
            state.points.append(point)
            guard state.points.count > Self.countMax else { return }
            let half = state.points.count / 2
            let older = state.points[..<half].enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            state.points = older + state.points[half...]
        }
    }

    var points: [Point] { state.withLock { $0.points } }
}

extension ReadHistory.Point {
    fileprivate func isAlike(_ other: Self) -> Bool {
        (hits, misses, buckets, failures) == (other.hits, other.misses, other.buckets, other.failures)
    }
}
