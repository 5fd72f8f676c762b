package import Catalog
import Objects

/// The events that may happen again: those of the last while, the ones that happened last if there are many.
///
/// Knows no clock and no disk: it is told what happened when, and says which event that is.
package struct RecentEvents: Sendable {
    /// What happens again later is another event.
    package static let pause = Duration.seconds(600)
    /// Events that are looked at.
    package static let countMax = 1_000
    /// As many different things of one kind and source are told one by one within `pause`; the rest is one event.
    package static let targetsMax = 20

    private struct Key: Hashable {
        var type: String
        var source: String
        /// nil: many.
        var target: String?
        var status: String
    }

    private struct Group: Hashable {
        var type: String
        var source: String
        var status: String
    }

    private var events: [Key: CatalogEvent] = [:]
    private var targets: [Group: Int] = [:]
    private var lastID: Int64
    private var lastChange: Int64

    /// `events`: those that happened last, before the start; `last`: the largest numbers there are.
    package init(_ events: [CatalogEvent] = [], last: (id: Int64, change: Int64) = (0, 0)) {
        (lastID, lastChange) = last
        for event in events { keep(event, as: Self.key(of: event, isMany: event.target == Self.many)) }
    }

    /// What stands for the things of an event that are not told one by one.
    package static let many = "several"

    /// Something happened; the event it is, new or with one more in its count.
    package mutating func add(_ happening: CatalogEvent) -> CatalogEvent {
        lastChange += 1
        let group = Group(type: happening.type, source: happening.source, status: happening.status)
        var key = Self.key(of: happening, isMany: false)
        if current(key, at: happening) == nil, happening.target != "", targets[group] ?? 0 >= Self.targetsMax {
            let many = Self.key(of: happening, isMany: true)
            // Some of those that were told one by one may be long ago by now.
            if current(many, at: happening) == nil { forgetOld(before: happening) }
            if targets[group] ?? 0 >= Self.targetsMax { key = many }
        }
        var event: CatalogEvent
        if let known = current(key, at: happening) {
            event = known
            event.count += happening.count
            (event.lastTime, event.details) = (happening.time, happening.details)
        } else {
            event = happening
            lastID += 1
            event.id = lastID
        }
        event.change = lastChange
        if key.target == nil { event.target = Self.many }
        keep(event, as: key)
        return event
    }

    private static func key(of event: CatalogEvent, isMany: Bool) -> Key {
        Key(type: event.type, source: event.source, target: isMany ? nil : event.target, status: event.status)
    }

    /// The event of a key, if it may still happen again.
    private func current(_ key: Key, at happening: CatalogEvent) -> CatalogEvent? {
        events[key].flatMap { Self.isOver($0, at: happening) ? nil : $0 }
    }

    private static func isOver(_ event: CatalogEvent, at happening: CatalogEvent) -> Bool {
        // Also when the clock was set back.
        event.lastTime > happening.time || happening.time - event.lastTime > pause
    }

    private mutating func keep(_ event: CatalogEvent, as key: Key) {
        if events.updateValue(event, forKey: key) == nil { count(key, 1) }
        if events.count > 2 * Self.countMax { forgetOld(before: event) }
        // Thrown away seldom, and then many at once.
        if events.count > 2 * Self.countMax {
            for (key, _) in events.sorted(by: { $0.value.change < $1.value.change }).prefix(Self.countMax) {
                forget(key)
            }
        }
    }

    private mutating func forgetOld(before happening: CatalogEvent) {
        for (key, event) in events where Self.isOver(event, at: happening) { forget(key) }
    }

    private mutating func forget(_ key: Key) {
        if events.removeValue(forKey: key) != nil { count(key, -1) }
    }

    private mutating func count(_ key: Key, _ amount: Int) {
        guard key.target != nil, key.target != "" else { return }
        let group = Group(type: key.type, source: key.source, status: key.status)
        targets[group, default: 0] += amount
        if targets[group] == 0 { targets[group] = nil }
    }
}
