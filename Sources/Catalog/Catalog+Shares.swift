internal import GRDB
package import Objects

/// How much of something there is, and how much of it is on this device.
package struct Share: Hashable, Sendable, Codable {
    package var count = 0
    package var byteCount = 0
    package var localCount = 0
    package var localByteCount = 0

    package init(count: Int = 0, byteCount: Int = 0, localCount: Int = 0, localByteCount: Int = 0) {
        (self.count, self.byteCount) = (count, byteCount)
        (self.localCount, self.localByteCount) = (localCount, localByteCount)
    }
}

/// What all that is known consists of, as people think of it.
package struct ContentShares: Hashable, Sendable {
    /// What was posted in conversations.
    package var attachments = Share()
    /// The owner's own files.
    package var files = Share()
    /// Who wrote what, and who people are.
    package var microdata = Share()
    /// Bytes that nothing shows.
    package var other = Share()
}

/// What is attached to one conversation.
package struct ConversationShare: Hashable, Sendable {
    /// Its folder below `conversations`.
    package var folder: String
    package var messageCount: Int
    /// Of its last message, in milliseconds since 1970.
    package var last: Double?
    package var attachments: Share
}

/// Goes through all entries: for who looks, not for every second.
extension Catalog {
    /// By what it is.
    package func contentShares() throws(ObjectError) -> ContentShares {
        try answer { database in
            let shown = """
                SELECT posted, count(*), coalesce(sum(size), 0), coalesce(sum(held), 0), coalesce(sum(held * size), 0) FROM (
                    SELECT max(e.day IS NOT NULL OR e.subject IS NOT NULL) AS posted, o.size AS size, o.held AS held
                    FROM entry e JOIN object o ON o.hash = e.object WHERE e.kind = ? GROUP BY o.hash)
                GROUP BY posted
                """
            var shares = ContentShares()
            for row in try database.rows(shown, EntryKind.object.rawValue) {
                let share = Self.share(row, from: 1)
                if row[0] as Int == 1 { shares.attachments = share } else { shares.files = share }
            }
            let typed = """
                SELECT count(*), coalesce(sum(size), 0), coalesce(sum(held), 0), coalesce(sum(held * size), 0)
                FROM object WHERE type IS NOT NULL
                """
            if let row = try database.row(typed) { shares.microdata = Self.share(row, from: 0) }
            guard let row = try database.row("SELECT count, size, held_count, held_size FROM total") else {
                return shares
            }
            shares.other = Self.share(row, from: 0)
            for part in [shares.attachments, shares.files, shares.microdata] { shares.other.remove(part) }
            return shares
        }
    }

    /// By conversation, those with most bytes first.
    package func conversationShares(limit: Int) throws(ObjectError) -> [ConversationShare] {
        try answer { database in
            let sql = """
                SELECT c.name, t.messages, t.last, count(o.hash), coalesce(sum(o.size), 0) AS size,
                    coalesce(sum(o.held), 0), coalesce(sum(o.held * o.size), 0)
                FROM entry c LEFT JOIN entry a ON a.parent = c.number AND a.kind = ?
                LEFT JOIN thread t ON t.id = a.subject
                LEFT JOIN entry m ON m.parent = c.number AND m.kind = ?
                LEFT JOIN entry e ON e.parent = m.number AND e.kind = ? LEFT JOIN object o ON o.hash = e.object
                WHERE c.parent = ? GROUP BY c.number ORDER BY size DESC, t.messages DESC, c.name LIMIT ?
                """
            let kinds = [EntryKind.about, .directory, .object].map(\.rawValue)
            let conversations = FixedEntry.conversations.stored
            return try database.rows(sql, kinds[0], kinds[1], kinds[2], conversations, limit).map { row in
                ConversationShare(
                    folder: row[0],
                    messageCount: row[1],
                    last: row.isNull(2) ? nil : row[2],
                    attachments: Self.share(row, from: 3)
                )
            }
        }
    }

    /// What each other instance is known to have, by its name.
    package func holderShares() throws(ObjectError) -> [String: Share] {
        try answer { database in
            let sql = """
                SELECT i.name, count(*), coalesce(sum(o.size), 0), coalesce(sum(o.held), 0),
                    coalesce(sum(o.held * o.size), 0)
                FROM holder h JOIN instance i ON i.id = h.instance JOIN object o ON o.hash = h.hash GROUP BY i.id
                """
            let rows = try database.rows(sql).map { ($0[0] as String, Self.share($0, from: 1)) }
            return Dictionary(rows) { first, _ in first }
        }
    }

    private static func share(_ row: StoredRow, from column: Int) -> Share {
        Share(
            count: row[column],
            byteCount: row[column + 1],
            localCount: row[column + 2],
            localByteCount: row[column + 3]
        )
    }
}

extension Share {
    fileprivate mutating func remove(_ part: Self) {
        count = max(0, count - part.count)
        byteCount = max(0, byteCount - part.byteCount)
        localCount = max(0, localCount - part.localCount)
        localByteCount = max(0, localByteCount - part.localByteCount)
    }
}
