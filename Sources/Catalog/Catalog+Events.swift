internal import GRDB
package import Objects

/// Something worth telling (design 11), however often it happened in a row.
package struct CatalogEvent: Hashable, Sendable {
    /// Grows with each event.
    package var id: Int64
    /// Grows with each event and with each repetition of one: the place of its last one among all that happened.
    package var change: Int64
    /// When it happened first and last.
    package var time: Timestamp
    package var lastTime: Timestamp
    package var count: Int
    /// One of those in design 11, such as `fetch-failed`.
    package var type: String
    package var source: String
    package var target: String
    package var details: String
    package var status: String

    package init(
        id: Int64 = 0,
        change: Int64 = 0,
        time: Timestamp,
        lastTime: Timestamp? = nil,
        count: Int = 1,
        type: String,
        source: String = "",
        target: String = "",
        details: String = "",
        status: String = ""
    ) {
        (self.id, self.change, self.count) = (id, change, count)
        (self.time, self.lastTime) = (time, lastTime ?? time)
        (self.type, self.source, self.target) = (type, source, target)
        (self.details, self.status) = (details, status)
    }
}

/// Events are the one thing in the catalog that cannot be made again: they stay when it is rebuilt, and who deletes its
/// file forgets them.
extension Catalog {
    /// So many events are kept.
    package static let eventCountMax: Int64 = 10_000

    /// Writes events as they are now, new ones and ones that have happened again; the oldest beyond the limit are
    /// forgotten.
    package func write(_ events: [CatalogEvent]) throws {
        guard let last = events.map(\.id).max() else { return }
        try write { database in
            for event in events {
                try database.run(
                    """
                    INSERT OR REPLACE INTO event
                    (id, change, time, last, count, type, source, target, details, status)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                    event.id,
                    event.change,
                    event.time.nanoseconds,
                    event.lastTime.nanoseconds,
                    event.count,
                    event.type,
                    StoredBytes(event.source),
                    StoredBytes(event.target),
                    StoredBytes(event.details),
                    StoredBytes(event.status)
                )
            }
            try database.run("DELETE FROM event WHERE id <= ?", last - Self.eventCountMax)
        }
    }

    /// Up to `limit` events that happened, or happened again, after a place, in the order of that.
    package func events(after change: Int64, limit: Int) throws(ObjectError) -> [CatalogEvent] {
        try answer { database in
            let sql = Self.eventColumns + " WHERE change > ? ORDER BY change LIMIT ?"
            return try database.rows(sql, change, limit).map(Self.event)
        }
    }

    /// The events that happened last, the oldest of them first.
    package func events(last limit: Int) throws(ObjectError) -> [CatalogEvent] {
        try answer { database in
            let sql = Self.eventColumns + " ORDER BY change DESC LIMIT ?"
            return try database.rows(sql, limit).map(Self.event).reversed()
        }
    }

    /// The largest numbers there are; zero if there are none.
    package func lastEvent() throws(ObjectError) -> (id: Int64, change: Int64) {
        try answer { database in
            let row = try database.row("SELECT coalesce(max(id), 0), coalesce(max(change), 0) FROM event")
            return row.map { ($0[0], $0[1]) } ?? (0, 0)
        }
    }

    private static let eventColumns =
        "SELECT id, change, time, last, count, type, source, target, details, status FROM event"

    private static func event(_ row: StoredRow) -> CatalogEvent {
        CatalogEvent(
            id: row[0],
            change: row[1],
            time: Timestamp(nanoseconds: row[2]),
            lastTime: Timestamp(nanoseconds: row[3]),
            count: row[4],
            type: row[5],
            source: row.text(6),
            target: row.text(7),
            details: row.text(8),
            status: row.text(9)
        )
    }
}
