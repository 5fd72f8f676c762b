/// Where something stands on its way out (`Replacement`); stored.
package enum ReplacementQueue: Int, Sendable, CaseIterable {
    case small = 0
    case main = 1
    /// It may not go.
    case kept = 2
    /// It has gone; only that is remembered.
    case ghost = 3
}

/// Something in a queue.
package struct ReplacementItem<Key: Sendable>: Sendable {
    package var key: Key
    package var queue: ReplacementQueue
    package var uses: Int
    /// Seconds since 1970.
    package var used: Int64
    /// Bytes that go with it.
    package var charge: Int
    /// Grows along a queue; set by who keeps the queues.
    package var place: Int64

    package init(key: Key, queue: ReplacementQueue, uses: Int = 0, used: Int64, charge: Int, place: Int64 = 0) {
        (self.key, self.queue, self.uses) = (key, queue, uses)
        (self.used, self.charge, self.place) = (used, charge, place)
    }
}

/// How far one search for what is to go has come; what it chose stays where it is until it has left or is kept.
package struct ReplacementSearch: Sendable {
    var places: [ReplacementQueue: Int64] = [:]
    /// Bytes that were chosen.
    var chosenSmall = 0
    var chosenMain = 0

    package init() {}
}

/// The queues of `Replacement`, wherever they are kept: each thing is in one of them, once.
package protocol ReplacementShelf {
    associatedtype Key: Sendable
    func item(_ key: Key) throws -> ReplacementItem<Key>?
    /// Puts something that is in no queue at the end of its own.
    mutating func append(_ item: ReplacementItem<Key>) throws
    /// Changes uses and time of something where it stands.
    mutating func update(_ item: ReplacementItem<Key>) throws
    mutating func remove(_ item: ReplacementItem<Key>) throws
    /// The first of a queue, or the first behind a place, whether there is something at it or not.
    func oldest(in queue: ReplacementQueue, after place: Int64?) throws -> ReplacementItem<Key>?
    /// How many there are in a queue, and their bytes.
    func total(of queue: ReplacementQueue) -> (count: Int, charge: Int)
}
