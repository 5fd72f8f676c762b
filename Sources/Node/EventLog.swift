package import Catalog
package import Objects

/// What happened, for the person and for other programs (design 11): bounded, and kept over restarts.
package final class EventLog: Sendable {
    package enum Kind: String, Sendable, Codable {
        case connectionEstablished = "connection-established"
        case connectionClosed = "connection-closed"
        case syncStarted = "sync-started"
        case syncCompleted = "sync-completed"
        case syncFailed = "sync-failed"
        case objectReceived = "object-received"
        case objectSent = "object-sent"
        case fetchFailed = "fetch-failed"
        case evicted, pressure, registered, revoked
        case corruptObject = "corrupt-object"
    }

    private let catalog: Catalog
    private let time: any Timekeeper

    package init(catalog: Catalog, time: any Timekeeper) { (self.catalog, self.time) = (catalog, time) }

    /// Records an event.
    ///
    /// `source` is who did it, `target` to what it happened.
    package func record(
        _ kind: Kind,
        source: String? = nil,
        target: String? = nil,
        details: String? = nil,
        failed: Bool = false
    ) {
        let event = CatalogEvent(
            time: time.now,
            type: kind.rawValue,
            source: source ?? "",
            target: target ?? "",
            details: details ?? "",
            status: failed ? "failed" : "ok"
        )
        // An event that cannot be written must not keep what it tells of from happening.
        try? catalog.add(event)
    }
}
