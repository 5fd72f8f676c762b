import Catalog
import Objects
import Peers

/// For own instances that keep no details of most days.
extension NodeService {
    /// Items of the outline sent in one piece.
    private static let batchCount = 1_000

    func outline(
        after feed: Int64,
        _ outline: Int64,
        to writer: OutlineWriter,
        for caller: IoMSession
    ) async throws {
        guard !node.policy.essentialsOnly else { throw Self.noOutline }
        let pulses = node.catalog.feedPulses()
        var (feed, outline, age) = (feed, outline, -1)
        while !Task.isCancelled {
            var batch = OutlineBatch()
            let (newAge, proofs) = node.roll?.proofs ?? (0, [])
            if newAge != age { (age, batch.proofs) = (newAge, proofs) }
            let (changes, nextFeed) = try node.catalog.essentials(after: feed, limit: Self.batchCount)
            batch.changes = changes.map { FeedBatch.Item(sequence: $0.0, change: $0.1) }
            if nextFeed != feed { batch.feedNumber = nextFeed }
            // What is essential comes first: what the tree tells of is named by it.
            try await writer.send(batch)
            let isFeedDone = nextFeed == feed
            feed = nextFeed
            if !isFeedDone { continue }
            let (items, next) = try node.catalog.outline(after: outline, limit: Self.batchCount)
            if next != outline {
                var batch = OutlineBatch()
                batch.items = items.map { OutlineBatch.Item(number: $0.number, item: $0.item) }
                try await writer.send(batch)
                outline = next
                continue
            }
            var iterator = pulses.makeAsyncIterator()
            guard await iterator.next() != nil else { return }
        }
    }

    func posted(
        on day: Int,
        in topic: String,
        after place: Int64,
        to writer: OutlineWriter,
        for caller: IoMSession
    ) async throws {
        // Less than all would be taken for all.
        guard try node.catalog.isWhole(ConversationDay(topic: topic, day: day)) else { throw Self.noOutline }
        var place = place
        while !Task.isCancelled {
            let key = ConversationDay(topic: topic, day: day)
            let messages = try node.catalog.posted(on: key, after: place, limit: Self.batchCount)
            guard let last = messages.last else { return }
            try await writer.send(messages)
            place = last.place
        }
    }

    private static let noOutline = CallFailure(message: "no outline here", code: ServiceCode.missing)
}
