import Catalog
import Objects

/// An event as everybody sees it: a line of `events.jsonl`, of `iom events --json` and of the dashboard.
package struct LoggedEvent: Codable, Hashable, Sendable {
    package var id: Int64
    /// Its place among all that happened: larger each time it happens again.
    ///
    /// Who follows asks for what is after one.
    package var change: Int64
    /// Milliseconds since 1970: when it happened first and last.
    package var timestamp: Int64
    package var lastTimestamp: Int64
    package var count: Int
    package var type: String
    @Nullable package var source: String? = nil
    @Nullable package var target: String? = nil
    @Nullable package var details: String? = nil
    /// ok or failed.
    package var status: String

    init(_ event: CatalogEvent) {
        func known(_ text: String) -> String? { text.isEmpty ? nil : text }
        (id, change, count, type, status) = (event.id, event.change, event.count, event.type, event.status)
        (timestamp, lastTimestamp) = (event.time.wholeMilliseconds, event.lastTime.wholeMilliseconds)
        (source, target, details) = (known(event.source), known(event.target), known(event.details))
    }
}
