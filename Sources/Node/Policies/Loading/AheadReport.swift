/// What was fetched ahead since this instance was made, and what came of it.
package struct AheadTally: Codable, Sendable, Hashable {
    package var fetched = 0
    package var fetchedBytes = 0
    package var usedBytes = 0
    /// Evicted before anybody used it, or not used for a week.
    package var wastedBytes = 0
    /// Things that were here when they were opened because they had been fetched ahead.
    package var waitsSaved = 0

    package init() {}

    mutating func add<Key>(_ end: AheadLedger<Key>.End) {
        if end.wasUsed {
            usedBytes += end.item.byteCount
            waitsSaved += 1
        } else {
            wastedBytes += end.item.byteCount
        }
    }
}

/// How fetching ahead does, for the status (design 11).
package struct AheadReport: Codable, Sendable, Hashable {
    package var fetchedBytes: Int
    package var usedBytes: Int
    package var wastedBytes: Int
    /// Fetched, and neither used nor given up yet.
    package var waitingBytes: Int
    package var waitsSaved: Int
    /// Whether what is likely next is fetched; off while that wastes more than it saves.
    package var isGuessing: Bool
    /// Openings the habits were learnt from.
    package var openings: Int

    init(tally: AheadTally, waitingBytes: Int, isGuessing: Bool, openings: Int) {
        (fetchedBytes, usedBytes, wastedBytes) = (tally.fetchedBytes, tally.usedBytes, tally.wastedBytes)
        (self.waitingBytes, waitsSaved) = (waitingBytes, tally.waitsSaved)
        (self.isGuessing, self.openings) = (isGuessing, openings)
    }

    /// For people; nil while there is nothing to tell.
    var line: String? {
        guard fetchedBytes > 0 || !isGuessing else { return nil }
        return "ahead          \(ByteCount(fetchedBytes)) fetched: \(ByteCount(usedBytes)) used, "
            + "\(ByteCount(wastedBytes)) wasted, \(waitsSaved) waits saved"
            + (isGuessing ? "" : "; guessing is off, it wasted more than it saved")
    }
}

extension Ahead {
    /// For people, after "fetched ahead because".
    package var words: String {
        switch self {
        case .newest: "it is among the newest of a conversation that was opened"
        case .before: "it is of a conversation that was opened"
        case .likely(let clue): "its conversation was likely to be opened next: \(clue.words)"
        }
    }
}
