/// What was fetched before anybody asked for it, and what came of it.
///
/// Everything fetched ahead ends once: used, or wasted because it was evicted before or nobody wanted it for `patience`.
/// Bounded: of more than `countMax` that wait, the oldest counts as wasted.
package struct AheadLedger<Key: Hashable & Sendable>: Sendable {
    /// What nobody has used for so long, in seconds, was wasted: a week has each habit once.
    package static var patience: Double { 7 * 86_400 }
    static var countMax: Int { 4_096 }

    package struct Item: Sendable, Hashable, Codable {
        package var byteCount: Int
        /// Seconds since 1970.
        package var time: Double
        package var why: Ahead
        /// Whether it was only noted, not fetched, because guessing is off.
        package var isPretended: Bool

        package init(byteCount: Int, time: Double, why: Ahead, isPretended: Bool) {
            (self.byteCount, self.time, self.why, self.isPretended) = (byteCount, time, why, isPretended)
        }
    }

    /// How something ended.
    package struct End: Sendable, Hashable {
        package var item: Item
        package var wasUsed: Bool
    }

    private var pending: [Key: Item] = [:]
    /// In order of time, with those that have ended since; of one that was added again, only the last place counts.
    private var order: [(key: Key, time: Double)] = []
    private var first = 0

    package init() {}

    package var count: Int { pending.count }

    /// What waits, in order of time.
    package var items: [(key: Key, item: Item)] {
        order[first...].compactMap { place in
            pending[place.key].flatMap { $0.time == place.time ? (place.key, $0) : nil }
        }
    }

    package subscript(key: Key) -> Item? { pending[key] }

    /// What was fetched and waits, in bytes.
    package var pendingByteCount: Int { pending.values.reduce(0) { $0 + ($1.isPretended ? 0 : $1.byteCount) } }

    /// Fetched ahead, or noted that it would have been; what had to go to make room for it.
    package mutating func add(_ key: Key, _ item: Item) -> [End] {
        guard pending[key] == nil else { return [] }
        pending[key] = item
        order.append((key, item.time))
        var ends: [End] = []
        while pending.count > Self.countMax, first < order.count {
            if let end = endOldest() { ends.append(end) }
        }
        return ends
    }

    /// Somebody read it; nil if it was not fetched ahead.
    package mutating func use(_ key: Key) -> End? {
        pending.removeValue(forKey: key).map { End(item: $0, wasUsed: true) }
    }

    /// It is not here any more.
    package mutating func lose(_ key: Key) -> End? {
        pending.removeValue(forKey: key).map { End(item: $0, wasUsed: false) }
    }

    /// Gives up what has waited too long.
    package mutating func expire(at time: Double) -> [End] {
        var ends: [End] = []
        while first < order.count, time - order[first].time >= Self.patience {
            if let end = endOldest() { ends.append(end) }
        }
        return ends
    }

    private mutating func endOldest() -> End? {
        guard first < order.count else { return nil }
        let place = order[first]
        first += 1
        if first > 1_024, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        return pending[place.key]?.time == place.time ? lose(place.key) : nil
    }
}

/// Why something is fetched before it is asked for.
package enum Ahead: Hashable, Sendable, Codable {
    /// Among the newest of the conversation that is open.
    case newest
    /// Before those.
    case before
    /// Of a place that is likely to be opened next.
    case likely(Clue)

    package var isGuess: Bool { if case .likely = self { true } else { false } }
}
