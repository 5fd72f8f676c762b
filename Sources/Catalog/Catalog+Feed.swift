internal import GRDB
package import Objects

extension Catalog {
    /// Names this catalog's numbering: a rebuilt catalog counts anew, and who remembers a number of another generation has
    /// to start at 0.
    package func feedGeneration() throws(ObjectError) -> [UInt8] {
        try answer { try Meta.value("generation", $0) ?? [] }
    }

    /// The changes after a number, oldest first, and the number to ask for next.
    ///
    /// An object or head that changed several times is there once, at its last change, as it is now.
    package func changes(after number: Int64, limit: Int) throws(ObjectError) -> (
        changes: [(Int64, Change)], next: Int64
    ) {
        try answer { database in
            let sql = """
                SELECT f.number, f.kind, f.key, o.kind, t.name, o.size, o.held, h.node FROM feed f
                LEFT JOIN object o ON f.kind = 0 AND o.hash = f.key LEFT JOIN type t ON t.id = o.type
                LEFT JOIN head h ON f.kind = 1 AND h.id = f.key
                WHERE f.number > ? ORDER BY f.number LIMIT ?
                """
            var next = number
            var changes: [(Int64, Change)] = []
            for row in try database.rows(sql, number, limit) {
                next = row[0]
                if let change = Self.change(row) { changes.append((next, change)) }
            }
            return (changes, next)
        }
    }

    private static func change(_ row: StoredRow) -> Change? {
        guard let key = row.hash(2) else { return nil }
        if (row[1] as Int) == Indexer.FeedKind.head.rawValue { return row.hash(7).map { .head(IDHash(key), node: $0) } }
        guard let kind = (row[3] as UInt8?).flatMap({ ObjectKind(rawValue: $0) }) else { return nil }
        let type = row.isNull(4) ? nil : row.text(4)
        return .object(KnownObject(hash: key, kind: kind, type: type, byteCount: row[5]), held: (row[6] as Int) == 1)
    }

    /// The number of the last change.
    package func lastChange() throws(ObjectError) -> Int64 {
        try answer { try $0.row("SELECT max(number) FROM feed")?[0] ?? 0 }
    }

    /// An element whenever the feed has grown since the element before; never more than one waiting.
    package func feedPulses() -> AsyncStream<Void> { watchers.feedPulses() }

    /// Makes whoever waits for the feed to grow look again, also at what goes with it.
    package func pulseFeed() { watchers.pulse() }

    // MARK: Feeds of others

    /// Up to which number another's feed was read, and of which generation; (0, empty) if never.
    package func position(of instance: String) throws(ObjectError) -> (number: Int64, generation: [UInt8]) {
        try answer { database in
            let row = try database.row("SELECT position, generation FROM instance WHERE name = ?", instance)
            return row.map { ($0[0], $0.bytes(1)) } ?? (0, [])
        }
    }

    package func setPosition(_ number: Int64, generation: [UInt8], of instance: String) throws {
        try write { database in
            try database.run(
                "UPDATE instance SET position = ?, generation = ? WHERE id = ?",
                number,
                StoredBytes(generation),
                try Indexer.instance(instance, database)
            )
        }
    }

    // MARK: Holders

    /// Up to `limit` objects that an instance holds and this one does not, in order of hash, after this one.
    package func missing(heldBy instance: String, after: ObjectHash?, limit: Int) throws(ObjectError) -> [ObjectHash] {
        try answer { database in
            let sql = """
                SELECT o.hash FROM object o WHERE o.held = 0 AND o.hash > ? AND EXISTS (
                    SELECT 1 FROM holder h JOIN instance i ON i.id = h.instance WHERE h.hash = o.hash AND i.name = ?)
                ORDER BY o.hash LIMIT ?
                """
            let start = after.map { StoredBytes($0.bytes) } ?? StoredBytes([])
            return try database.rows(sql, start, instance, limit).compactMap { $0.hash(0) }
        }
    }

    /// Forgets what an instance holds and has confirmed: it was revoked, or its feed starts anew.
    package func forgetHolder(_ instance: String) throws {
        try write { database in
            let id = try Indexer.instance(instance, database)
            try database.run("DELETE FROM holder WHERE instance = ?", id)
            try Self.forgetConfirmations(by: id, database)
            try database.run("UPDATE instance SET position = 0, generation = NULL WHERE id = ?", id)
        }
    }
}
