package import Catalog
import Logging
package import Objects
import Synchronization

/// What happened, for the person and for other programs (design 11): bounded, kept over restarts, and without noise.
///
/// What happens again within a while is the same event with a count. Where the same happens to one thing after the other,
/// the first are told one by one and the rest together. All of it is written at once, repetitions within a second.
package final class EventLog: Sendable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        case connectionEstablished = "connection-established"
        case connectionClosed = "connection-closed"
        case connectionFailed = "connection-failed"
        case syncStarted = "sync-started"
        case syncCompleted = "sync-completed"
        case syncFailed = "sync-failed"
        case objectReceived = "object-received"
        case objectSent = "object-sent"
        case fetchFailed = "fetch-failed"
        case budgetRefused = "budget-refused"
        case evicted, pressure, registered, revoked
        case paired, shared, unshared
        case pairingFailed = "pairing-failed"
        case unionAsked = "union-asked"
        case united
        case protocolBroken = "protocol-broken"
        case corruptObject = "corrupt-object"
    }

    private static let writePause = Duration.seconds(1)

    private let catalog: Catalog
    private let time: any Timekeeper
    private let state: Mutex<State>
    private let counters = CounterTable(count: Kind.allCases.count)
    private let changed = Broadcast<Void>(bufferCount: 1)

    private struct State {
        var recent: RecentEvents
        var unwritten: [Int64: CatalogEvent] = [:]
        var written = Duration.zero
    }

    package init(catalog: Catalog, time: any Timekeeper) {
        (self.catalog, self.time) = (catalog, time)
        let events = (try? catalog.events(last: RecentEvents.countMax)) ?? []
        state = Mutex(State(recent: RecentEvents(events, last: (try? catalog.lastEvent()) ?? (0, 0))))
    }

    deinit { flush() }

    /// Records an event.
    ///
    /// `source` is who did it, `target` to what it happened; `count` tells of so many at once.
    package func record(
        _ kind: Kind,
        source: String? = nil,
        target: String? = nil,
        details: String? = nil,
        failed: Bool = false,
        count: Int = 1
    ) {
        counters.add(count, at: Kind.allCases.firstIndex(of: kind) ?? 0)
        let happening = CatalogEvent(
            time: time.now,
            count: count,
            type: kind.rawValue,
            source: source ?? "",
            target: target ?? "",
            details: details ?? "",
            status: failed ? "failed" : "ok"
        )
        let now = time.elapsed
        let isDue = state.withLock { state in
            let event = state.recent.add(happening)
            state.unwritten[event.id] = event
            // What repeats quickly is not written each time; whoever reads sees it all the same.
            return event.count == count || now - state.written >= Self.writePause
        }
        if isDue { flush() }
        changed.tell()
    }

    /// Writes what was not written yet.
    ///
    /// An event that cannot be written must not keep what it tells of from happening: it is tried again with the next one.
    package func flush() {
        state.withLock { state in
            guard !state.unwritten.isEmpty else { return }
            state.written = time.elapsed
            guard (try? catalog.write(Array(state.unwritten.values))) != nil else {
                if state.unwritten.count > RecentEvents.countMax { state.unwritten = [:] }
                return
            }
            state.unwritten = [:]
        }
    }

    /// Up to `limit` events that happened, or happened again, after a place (`LoggedEvent.change`), in the order of that.
    package func events(after change: Int64, limit: Int) throws(ObjectError) -> [LoggedEvent] {
        flush()
        return try catalog.events(after: change, limit: limit).map(LoggedEvent.init)
    }

    /// The events that happened last, the newest at the end.
    package func events(last limit: Int) throws(ObjectError) -> [LoggedEvent] {
        flush()
        return try catalog.events(last: limit).map(LoggedEvent.init)
    }

    /// A wake-up whenever something happens; never more than one waiting.
    package func changes() -> AsyncStream<Void> { changed.listen() }

    /// How often each kind happened since the start.
    package var counts: Snapshot.EventCounts {
        .init(kinds: Kind.allCases.enumerated().map { .init(type: $1.rawValue, count: counters[$0]) })
    }
}
