internal import GRDB
package import Objects

/// That an instance which keeps everything has proven to have the bytes of an object.
package struct HolderConfirmation: Hashable, Sendable {
    /// Name of the instance.
    package var instance: String
    /// When it was asked, by the clock here; kept in whole seconds, rounded down.
    package var time: Timestamp
    /// The turn in which it was asked; what was asked for in another one does not count.
    package var turn: Int64

    package init(instance: String, time: Timestamp, turn: Int64) {
        (self.instance, self.time, self.turn) = (instance, time, turn)
    }
}

extension Catalog {
    private static let walkedKey = "replicated"
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000

    /// What is known of who has these objects, the newest first.
    package func confirmations(of hashes: [ObjectHash]) throws(ObjectError) -> [ObjectHash: [HolderConfirmation]] {
        try answer { database in
            var found: [ObjectHash: [HolderConfirmation]] = [:]
            for hash in hashes {
                let sql = """
                    SELECT i.name, c.time, c.turn FROM confirmation c JOIN instance i ON i.id = c.instance
                    WHERE c.hash = ? ORDER BY c.time DESC
                    """
                let rows = try database.rows(sql, hash)
                guard !rows.isEmpty else { continue }
                found[hash] = rows.map { row in
                    let time = Timestamp(nanoseconds: (row[1] as Int64) * Self.nanosecondsPerSecond)
                    return HolderConfirmation(instance: row[0], time: time, turn: row[2])
                }
            }
            return found
        }
    }

    /// Keeps what an instance has confirmed; durable on return.
    ///
    /// What was kept here for want of that may go now.
    package func confirm(_ hashes: [ObjectHash], _ confirmation: HolderConfirmation) throws {
        let seconds = confirmation.time.nanoseconds / Self.nanosecondsPerSecond
        try writeDurably { database in
            let id = try Indexer.instance(confirmation.instance, database)
            var queues = Replacement(try StoredQueues(database))
            for hash in hashes.sorted() {
                try database.run(
                    "INSERT OR REPLACE INTO confirmation (hash, instance, time, turn) VALUES (?, ?, ?, ?)",
                    hash,
                    id,
                    seconds,
                    confirmation.turn
                )
                try database.run("DELETE FROM unconfirmed WHERE hash = ?", hash)
                try queues.release(hash)
            }
            try queues.shelf.finish()
        }
    }

    /// An instance does not have these objects, whatever it or its feed said before; durable on return, so that no power
    /// cut makes a confirmation of it count again.
    package func deny(_ hashes: [ObjectHash], by instance: String) throws {
        try writeDurably { database in
            let id = try Indexer.instance(instance, database)
            for hash in hashes {
                try database.run("DELETE FROM confirmation WHERE hash = ? AND instance = ?", hash, id)
                try database.run("DELETE FROM holder WHERE hash = ? AND instance = ?", hash, id)
                try database.run(
                    """
                    INSERT OR IGNORE INTO unconfirmed (hash) SELECT hash FROM object o WHERE hash = ? AND held = 1
                    AND NOT EXISTS (SELECT 1 FROM confirmation c WHERE c.hash = o.hash)
                    """,
                    hash
                )
            }
        }
    }

    static func forgetConfirmations(by instance: Int64, _ database: Database) throws {
        try database.run("DELETE FROM confirmation WHERE instance = ?", instance)
        // What it alone had confirmed is found again by going through the feed.
        try Meta.set(walkedKey, nil, database)
    }

    private static func number(_ key: String, _ database: Database) throws -> Int64 {
        try Meta.value(key, database)?.reduce(0) { $0 << 8 | Int64($1) } ?? 0
    }

    /// Changes it in one transaction that no power cut undoes.
    private func writeDurably(_ body: (Database) throws -> Void) throws {
        try CatalogFile.naming {
            try database.writeWithoutTransaction { database in
                // Else the journal is only written to the disk when it is full (sqlite.org/pragma.html, "synchronous").
                try database.execute(sql: "PRAGMA synchronous = FULL")
                defer { try? database.execute(sql: "PRAGMA synchronous = NORMAL") }
                try database.inTransaction {
                    try body(database)
                    return .commit
                }
            }
        }
    }
}

/// Objects that were made here and nobody who keeps everything was found to have yet.
extension Catalog {
    /// Goes on through the own feed, looking for objects that are here and are not known to be with any of these
    /// instances, which keep everything.
    ///
    /// - Returns: whether it has come to the end.
    package func findUnconfirmed(keepers: [String], limit: Int) throws -> Bool {
        try write { database in
            let first = try Self.number(Self.walkedKey, database)
            let ids = try keepers.map { String(try Indexer.instance($0, database)) }.joined(separator: ",")
            let last: Int64? =
                try database.row(
                    "SELECT max(number) FROM (SELECT number FROM feed WHERE number > ? ORDER BY number LIMIT ?)",
                    first,
                    limit
                )?[0]
            guard let last else { return true }
            try database.execute(
                sql: """
                    INSERT OR IGNORE INTO unconfirmed (hash) SELECT f.key FROM feed f
                    JOIN object o ON o.hash = f.key AND o.held = 1
                    WHERE f.number > \(first) AND f.number <= \(last) AND f.kind = 0
                    AND NOT EXISTS (SELECT 1 FROM confirmation c WHERE c.hash = f.key)
                    AND NOT EXISTS (SELECT 1 FROM holder h WHERE h.hash = f.key AND h.instance IN (\(ids)))
                    """
            )
            try database.execute(
                sql: """
                    DELETE FROM unconfirmed WHERE hash IN (
                        SELECT f.key FROM feed f JOIN object o ON o.hash = f.key AND o.held = 0
                        WHERE f.number > \(first) AND f.number <= \(last) AND f.kind = 0)
                    """
            )
            try Meta.set(Self.walkedKey, withUnsafeBytes(of: last.bigEndian) { Array($0) }, database)
            return try database.row("SELECT 1 FROM feed WHERE number > ? LIMIT 1", last) == nil
        }
    }

    /// Count of objects that are here and that no instance which keeps everything was found to have; nil while that is
    /// being found out.
    package func unconfirmedCount() throws(ObjectError) -> Int? {
        try answer { database in
            let walked = try Self.number(Self.walkedKey, database)
            guard try database.row("SELECT 1 FROM feed WHERE number > ? LIMIT 1", walked) == nil else { return nil }
            return try database.row("SELECT count(*) FROM unconfirmed")?[0] ?? 0
        }
    }

    /// Those objects, or only those that an instance says to have; in order of hash, after this one.
    package func unconfirmed(
        heldBy instance: String?,
        after: ObjectHash?,
        limit: Int
    ) throws(ObjectError) -> [ObjectHash] {
        try answer { database in
            let start = after.map { StoredBytes($0.bytes) } ?? StoredBytes([])
            guard let instance else {
                let sql = "SELECT hash FROM unconfirmed WHERE hash > ? ORDER BY hash LIMIT ?"
                return try database.rows(sql, start, limit).compactMap { $0.hash(0) }
            }
            let sql = """
                SELECT u.hash FROM unconfirmed u JOIN holder h ON h.hash = u.hash
                WHERE h.instance = (SELECT id FROM instance WHERE name = ?) AND u.hash > ? ORDER BY u.hash LIMIT ?
                """
            return try database.rows(sql, instance, start, limit).compactMap { $0.hash(0) }
        }
    }
}
