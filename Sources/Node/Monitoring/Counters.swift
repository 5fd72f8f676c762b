package import Fuse
import Objects
package import Views

/// What a node counts where it happens, since its start; read together for a `Snapshot`.
package final class Counters: Sendable {
    package let reads = ReadCounters()
    package let fuse = FuseCounters()
    package let fetches = FetchCounters()
    /// Objects evicted, and their bytes.
    private let evicted = CounterTable(count: 2)

    package init() {}

    func evicted(objects: Int, bytes: Int) {
        evicted.add(objects, at: 0)
        evicted.add(bytes, at: 1)
    }

    var evictions: Snapshot.Evictions { .init(objects: evicted[0], bytes: evicted[1]) }

    package var readReport: Snapshot.Reads {
        let waits = fuse.waits
        return Snapshot.Reads(
            hits: reads[.hit],
            misses: reads[.miss],
            waits: waits.all,
            waiting: waits.now,
            refused: reads[.refused]
        )
    }

    var fuseReport: Snapshot.FuseReport {
        Snapshot.FuseReport(
            operations: FuseCounters.Kind.allCases.compactMap { kind in
                let requests = fuse.requests(kind)
                guard requests.count > 0 else { return nil }
                return .init(
                    kind: "\(kind)",
                    count: requests.count,
                    errors: requests.errors.map { .init(errno: $0.name, count: $0.count) }
                )
            }
        )
    }
}
