import Synchronization

/// What happened, in the order in which it happened last; and then what happens, if it is followed.
package struct ReadEvents: NodeCommand {
    package static let name = "events"
    /// As many as `.iom/status/events.jsonl` has.
    package static let countMax = 1_000
    /// What is shown of the past to who follows and names no beginning.
    private static let followedCount = 10
    private static let pageCount = 500

    package enum Start: Codable, Hashable, Sendable {
        /// After this place (`LoggedEvent.change`).
        case change(Int64)
        /// Milliseconds since 1970.
        case time(Int64)
    }

    /// nil: the last ones.
    package var start: Start?
    package var isFollowed: Bool

    package init(since start: Start? = nil, isFollowed: Bool = false) {
        (self.start, self.isFollowed) = (start, isFollowed)
    }

    package typealias Item = LoggedEvent

    package func run(on node: Node, emit: @Sendable (Item) async throws -> Void) async throws {
        guard isFollowed else { return _ = try await tellPast(node, emit) }
        guard node.serving.load(ordering: .relaxed) else {
            throw CommandError("nothing happens here: no node is running; `iom serve` starts one")
        }
        // Before anything is read, so that nothing falls between.
        let changes = node.events.changes()
        var place = try await tellPast(node, emit)
        for await _ in changes {
            while true {
                let page = try node.events.events(after: place, limit: Self.pageCount)
                for event in page { try await emit(event) }
                guard let last = page.last else { break }
                place = last.change
            }
        }
    }

    /// Returns the place of the last one.
    private func tellPast(_ node: Node, _ emit: @Sendable (Item) async throws -> Void) async throws -> Int64 {
        guard let start else {
            let events = try node.events.events(last: isFollowed ? Self.followedCount : Self.countMax)
            for event in events { try await emit(event) }
            return events.last?.change ?? 0
        }
        var (place, earliest) = (Int64(0), Int64.min)
        switch start {
        case .change(let change): place = change
        case .time(let time): earliest = time
        }
        while true {
            let page = try node.events.events(after: place, limit: Self.pageCount)
            for event in page where event.lastTimestamp >= earliest { try await emit(event) }
            guard let last = page.last else { return place }
            place = last.change
        }
    }
}
