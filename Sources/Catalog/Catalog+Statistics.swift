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

extension Catalog {
    package func statistics() throws(ObjectError) -> CatalogStatistics {
        try answer { database in
            let totals = try database.row("SELECT count, held_count, size, held_size, heads FROM total")
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
                headCount: totals?[4] ?? 0
            )
        }
    }
}
