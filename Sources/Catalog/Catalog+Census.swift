internal import GRDB
package import Objects

/// An object that is here, as far as it matters why.
package struct CountedObject: Hashable, Sendable {
    package var hash: ObjectHash
    /// What it takes on the disk.
    package var chargedByteCount: Int
    /// Whether it was used since it came, as far as that is noted.
    package var wasUsed: Bool
    /// Whether no instance that keeps everything was found to have it.
    package var isUnconfirmed: Bool
}

/// What is counted by going through it, in pages.
extension Catalog {
    /// The objects that are here, in order of hash, after this one.
    package func countedObjects(after: ObjectHash?, limit: Int) throws(ObjectError) -> [CountedObject] {
        try answer { database in
            let sql = """
                SELECT o.hash, o.size, coalesce(u.uses > 0 OR u.queue = 1, 0), c.hash IS NOT NULL FROM object o
                LEFT JOIN usage u ON u.hash = o.hash LEFT JOIN unconfirmed c ON c.hash = o.hash
                WHERE o.hash > ? AND o.held = 1 ORDER BY o.hash LIMIT ?
                """
            let start = after.map { StoredBytes($0.bytes) } ?? StoredBytes([])
            return try database.rows(sql, start, limit).compactMap { row in
                guard let hash = row.hash(0) else { return nil }
                return CountedObject(
                    hash: hash,
                    chargedByteCount: Allocation.byteCount(of: row[1]),
                    wasUsed: (row[2] as Int) == 1,
                    isUnconfirmed: (row[3] as Int) == 1
                )
            }
        }
    }

    /// Count of the owner's own files, in all folders.
    package func fileCount() throws(ObjectError) -> Int {
        try answerOne { database in
            let sql = """
                WITH RECURSIVE folder (number) AS (
                    VALUES (\(FixedEntry.files)) UNION ALL
                    SELECT e.number FROM entry e JOIN folder f ON e.parent = f.number WHERE e.kind = 0)
                SELECT count(*) FROM folder f JOIN entry e ON e.parent = f.number WHERE e.kind = 1
                """
            return try database.row(sql)?[0] ?? 0
        }
    }
}
