import Catalog
import Objects
import Peers

/// Brings everything a peer holds and this archive does not: an archive keeps everything (design 9).
struct Collector: Sendable {
    /// Objects looked up at once.
    private static let pageCount = 500
    /// Fetches at once, so that a large one does not hold up the small ones behind it.
    private static let flightsMax = 4

    let node: Node
    let session: IoMSession

    /// Until cancelled: all there is now, and more whenever more becomes known.
    func run() async throws {
        let pulses = node.catalog.feedPulses()
        while !Task.isCancelled {
            try await collect()
            var iterator = pulses.makeAsyncIterator()
            guard await iterator.next() != nil else { return }
        }
    }

    private func collect() async throws {
        var last: ObjectHash?
        while !Task.isCancelled {
            let missing = try node.catalog.missing(heldBy: session.member.name, after: last, limit: Self.pageCount)
            guard !missing.isEmpty else { return }
            last = missing.last
            await withTaskGroup(of: Void.self) { group in
                for (index, hash) in missing.enumerated() {
                    if index >= Self.flightsMax { await group.next() }
                    // What fails now is among the missing ones next time; the reason is in the event log.
                    group.addTask { _ = try? await node.fetcher.fetch(hash) }
                }
            }
        }
    }
}
