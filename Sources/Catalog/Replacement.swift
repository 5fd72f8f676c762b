/// Which of what is here goes next: S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023),
/// counted in bytes.
///
/// What comes stands in a small queue first, of a tenth of all bytes; only what was used there as well passes on to the main
/// queue, in which whatever was used goes round once more. So a scan flushes that tenth and nothing else. What has gone is
/// remembered for a while (a *ghost*): when it comes back it is taken for used. Each step touches one end of one queue:
/// its cost does not grow with what is in them. What may not go (pinned, worked with) is *kept* apart, so that nobody looks
/// at it time and again.
///
/// Knows no disk and no clock: who calls it says what happened and when, in seconds since 1970.
package struct Replacement<Shelf: ReplacementShelf> {
    package typealias Item = ReplacementItem<Shelf.Key>

    /// More uses than this are not told apart.
    package static var usesMax: Int { 3 }
    /// Uses in the small queue after which something passes on.
    static var promotionUses: Int { 2 }
    /// What is used again within this time was used once: programs open a file several times in a row.
    package static var sameUseSeconds: Int64 { 30 }
    /// One part of so many of all bytes is the small queue's.
    package static var smallPart: Int { 10 }
    package static var ghostCountMax: Int { 100_000 }

    package var shelf: Shelf

    package init(_ shelf: Shelf) { self.shelf = shelf }

    /// Bytes of it are here now; `charge` is what they take.
    ///
    /// `used` is when it was used last, as far as that is known.
    package mutating func arrived(_ key: Shelf.Key, charge: Int, used: Int64) throws {
        let before = try shelf.item(key)
        guard before == nil || before?.queue == .ghost else { return }
        if let before { try shelf.remove(before) }
        let uses = before == nil ? 0 : Self.promotionUses
        try shelf.append(Item(key: key, queue: .small, uses: uses, used: used, charge: charge))
    }

    /// It was used.
    package mutating func used(_ key: Shelf.Key, at time: Int64) throws {
        guard var item = try shelf.item(key), item.queue != .ghost else { return }
        if time - item.used >= Self.sameUseSeconds { item.uses = min(item.uses + 1, Self.usesMax) }
        item.used = max(item.used, time)
        try shelf.update(item)
    }

    /// It was read by somebody who reads everything: no sign that it will be wanted again, even if it had to come back for
    /// that.
    package mutating func scanned(_ key: Shelf.Key, since time: Int64) throws {
        guard var item = try shelf.item(key), item.queue == .small, item.used >= time, item.uses > 0 else { return }
        item.uses = 0
        try shelf.update(item)
    }

    /// Its bytes are gone.
    package mutating func left(_ key: Shelf.Key) throws {
        guard var item = try shelf.item(key), item.queue != .ghost else { return }
        try shelf.remove(item)
        (item.queue, item.uses, item.charge) = (.ghost, 0, 0)
        try shelf.append(item)
        let room = min(Self.ghostCountMax, max(1000, shelf.total(of: .small).count + shelf.total(of: .main).count))
        while shelf.total(of: .ghost).count > room, let oldest = try shelf.oldest(in: .ghost, after: nil) {
            try shelf.remove(oldest)
        }
    }

    /// It may not go: nobody looks at it before `reconsider`.
    package mutating func keep(_ key: Shelf.Key) throws {
        guard var item = try shelf.item(key), [.small, .main].contains(item.queue) else { return }
        try shelf.remove(item)
        item.queue = .kept
        try shelf.append(item)
    }

    /// It may go now.
    package mutating func release(_ key: Shelf.Key) throws {
        guard let item = try shelf.item(key), item.queue == .kept else { return }
        try release(item)
    }

    private mutating func release(_ item: Item) throws {
        var item = item
        try shelf.remove(item)
        item.queue = .main
        try shelf.append(item)
    }

    /// Some of what was kept may go now; up to `limit` of those that were kept longest stand in line again.
    package mutating func reconsider(limit: Int) throws {
        for _ in 0..<limit {
            guard let item = try shelf.oldest(in: .kept, after: nil) else { return }
            try release(item)
        }
    }

    /// The next to go; nil if nothing is left.
    package mutating func next(_ search: inout ReplacementSearch) throws -> Item? {
        while true {
            let small = shelf.total(of: .small).charge - search.chosenSmall
            let main = shelf.total(of: .main).charge - search.chosenMain
            let isSmallFull = small > (small + main) / Self.smallPart
            if isSmallFull, let item = try nextSmall(&search) { return item }
            if let item = try nextMain(&search) { return item }
            // All of one queue is chosen.
            if !isSmallFull, let item = try nextSmall(&search) { return item }
            if try shelf.oldest(in: .main, after: search.places[.main]) == nil { return nil }
        }
    }

    private mutating func nextSmall(_ search: inout ReplacementSearch) throws -> Item? {
        while var item = try shelf.oldest(in: .small, after: search.places[.small]) {
            guard item.uses >= Self.promotionUses else {
                search.places[.small] = item.place
                search.chosenSmall += item.charge
                return item
            }
            try shelf.remove(item)
            (item.queue, item.uses) = (.main, 0)
            try shelf.append(item)
        }
        return nil
    }

    private mutating func nextMain(_ search: inout ReplacementSearch) throws -> Item? {
        while var item = try shelf.oldest(in: .main, after: search.places[.main]) {
            guard item.uses > 0 else {
                search.places[.main] = item.place
                search.chosenMain += item.charge
                return item
            }
            try shelf.remove(item)
            item.uses -= 1
            try shelf.append(item)
        }
        return nil
    }
}
