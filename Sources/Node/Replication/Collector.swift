import Catalog
import Objects
import Peers

/// Brings everything a peer holds and this instance does not, while this instance keeps everything (design 9).
struct Collector: Sendable {
    /// Objects looked up at once.
    private static let pageCount = 1000
    /// Objects under way at once: so many that requests are full.
    private static let flightsMax = 4096

    let node: Node
    /// The name of the peer.
    let holder: String

    /// Until cancelled: all there is now, and more whenever more becomes known.
    func run() async throws {
        let policies = node.policies.changes()
        while !Task.isCancelled {
            if node.policy.keepsEverything {
                try await collectAll()
            } else {
                var changes = policies.makeAsyncIterator()
                guard await changes.next() != nil else { return }
            }
        }
    }

    private func collectAll() async throws {
        let pulses = node.catalog.feedPulses()
        while node.policy.keepsEverything {
            try await collect()
            var iterator = pulses.makeAsyncIterator()
            guard await iterator.next() != nil else { return }
        }
    }

    private func collect() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var last: ObjectHash?
            var flyingCount = 0
            while !Task.isCancelled {
                let missing = try node.catalog.missing(heldBy: holder, after: last, limit: Self.pageCount)
                guard !missing.isEmpty else { return }
                last = missing.last
                for hash in missing {
                    if flyingCount >= Self.flightsMax { try await group.next() } else { flyingCount += 1 }
                    // What fails now is among the missing ones next time; the reason is in the event log.
                    group.addTask { _ = try? await node.fetcher.fetch(hash, priority: .background) }
                }
            }
        }
    }
}
