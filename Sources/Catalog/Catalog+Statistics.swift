internal import GRDB
package import Objects

/// What the catalog counts (design 11).
package struct CatalogStatistics: Hashable, Sendable {
    package var objectCount = 0
    package var heldCount = 0
    /// Bytes of all known objects, and of those that are here.
    package var byteCount = 0
    package var heldByteCount = 0
    package var conversationCount = 0
    package var messageCount = 0
    package var attachmentCount = 0
    package var contactCount = 0
    package var headCount = 0
}

/// Something worth telling (design 11).
package struct CatalogEvent: Hashable, Sendable {
    /// Grows with each event.
    package var id: Int64
    package var time: Timestamp
    /// One of those in design 11, such as `fetch-failed`.
    package var type: String
    package var source: String
    package var target: String
    package var details: String
    package var status: String

    package init(
        id: Int64 = 0,
        time: Timestamp,
        type: String,
        source: String = "",
        target: String = "",
        details: String = "",
        status: String = ""
    ) {
        (self.id, self.time, self.type, self.source, self.target) = (id, time, type, source, target)
        (self.details, self.status) = (details, status)
    }
}

extension Catalog {
    /// So many events are kept.
    private static let eventCountMax: Int64 = 10_000

    package func statistics() throws(ObjectError) -> CatalogStatistics {
        try answer { database in
            let totals = try database.row("SELECT count, held_count, size, held_size FROM total")
            func number(_ sql: String) throws -> Int { try database.row(sql)?[0] ?? 0 }
            return CatalogStatistics(
                objectCount: totals?[0] ?? 0,
                heldCount: totals?[1] ?? 0,
                byteCount: totals?[2] ?? 0,
                heldByteCount: totals?[3] ?? 0,
                conversationCount: try number("SELECT count(*) FROM thread WHERE object IS NOT NULL"),
                messageCount: try number("SELECT sum(messages) FROM thread"),
                attachmentCount: try number("SELECT sum(attachments) FROM thread"),
                contactCount: try number("SELECT count(*) FROM leute WHERE is_me = 0"),
                headCount: try number("SELECT count(*) FROM head")
            )
        }
    }

    /// Adds an event; the oldest beyond the limit are forgotten.
    package func add(_ event: CatalogEvent) throws {
        try write { database in
            try database.run(
                "INSERT INTO event (time, type, source, target, details, status) VALUES (?, ?, ?, ?, ?, ?)",
                event.time.nanoseconds,
                event.type,
                StoredBytes(event.source),
                StoredBytes(event.target),
                StoredBytes(event.details),
                StoredBytes(event.status)
            )
            try database.run("DELETE FROM event WHERE id <= ?", database.lastInsertedRowID - Self.eventCountMax)
        }
    }

    /// Up to `limit` events with an id above this, oldest first.
    package func events(after id: Int64, limit: Int) throws(ObjectError) -> [CatalogEvent] {
        try answer { database in
            let sql = Self.eventColumns + " WHERE id > ? ORDER BY id LIMIT ?"
            return try database.rows(sql, id, limit).map(Self.event)
        }
    }

    /// The newest events, oldest first.
    package func events(last limit: Int) throws(ObjectError) -> [CatalogEvent] {
        try answer { database in
            try database.rows(Self.eventColumns + " ORDER BY id DESC LIMIT ?", limit).map(Self.event).reversed()
        }
    }

    private static let eventColumns = "SELECT id, time, type, source, target, details, status FROM event"

    private static func event(_ row: StoredRow) -> CatalogEvent {
        CatalogEvent(
            id: row[0],
            time: Timestamp(nanoseconds: row[1]),
            type: row[2],
            source: row.text(3),
            target: row.text(4),
            details: row.text(5),
            status: row.text(6)
        )
    }
}
