internal import GRDB
internal import Objects

extension Indexer {
    /// What a feed's line is about; stored.
    enum FeedKind: Int {
        case object = 0
        case head = 1
    }

    /// Notes that an object is known, and held here or by a peer.
    ///
    /// - Returns: whether it is new to this catalog, and whether its bytes are newly here.
    mutating func note(_ object: KnownObject, held: Bool, by instance: Int64?) throws -> (isNew: Bool, isHere: Bool) {
        let isHere = held && instance == nil
        let before = try database.row("SELECT held, size FROM object WHERE hash = ?", object.hash)
        if let instance { try note(holder: instance, of: object.hash, held) }
        let wasHere = before.map { ($0[0] as Int) == 1 } ?? false
        if before == nil {
            try database.run(
                "INSERT INTO object (hash, kind, type, size, held) VALUES (?, ?, ?, ?, ?)",
                object.hash,
                Int(object.kind.rawValue),
                try typeID(object.type),
                object.byteCount,
                isHere ? 1 : 0
            )
            count(1, object.byteCount, held: isHere ? 1 : 0)
        } else if instance == nil, wasHere != held, let size = before?[1] as Int? {
            count(-1, size, held: wasHere ? -1 : 0)
            count(1, object.byteCount, held: held ? 1 : 0)
            // The bytes here say better what it is than whoever told of it.
            try database.run(
                "UPDATE object SET held = ?, kind = ?, type = ?, size = ? WHERE hash = ?",
                held ? 1 : 0,
                Int(object.kind.rawValue),
                try typeID(object.type),
                object.byteCount,
                object.hash
            )
            if size != object.byteCount { try noteSize(object.byteCount, of: object.hash) }
            try noteLocalChange(of: object.hash)
        } else if instance != nil, !wasHere, let size = before?[1] as Int?, object.byteCount > size {
            // Of two sizes one is untrue; a file that is shown too small would be cut without anybody noticing.
            count(1, object.byteCount - size, held: 0)
            totals.count -= 1
            try database.run("UPDATE object SET size = ? WHERE hash = ?", object.byteCount, object.hash)
            try noteSize(object.byteCount, of: object.hash)
            try noteLocalChange(of: object.hash)
        } else {
            return (false, false)
        }
        try appendToFeed(.object, object.hash)
        return (before == nil, isHere && !wasHere)
    }

    /// Notes that bytes are here, or no longer, of an object that is known.
    ///
    /// - Returns: whether that is news.
    mutating func noteHeld(_ hash: ObjectHash, _ held: Bool) throws -> Bool {
        try database.run("UPDATE object SET held = ? WHERE hash = ? AND held <> ?", held ? 1 : 0, hash, held ? 1 : 0)
        guard database.changesCount > 0 else { return false }
        count(0, try byteCount(of: hash) ?? 0, held: held ? 1 : -1)
        if !held { try database.run("DELETE FROM verdict WHERE hash = ?", hash) }
        try appendToFeed(.object, hash)
        try noteLocalChange(of: hash)
        return true
    }

    func note(holder instance: Int64, of hash: ObjectHash, _ held: Bool) throws {
        let sql =
            held
            ? "INSERT OR IGNORE INTO holder (hash, instance) VALUES (?, ?)"
            : "DELETE FROM holder WHERE hash = ? AND instance = ?"
        try database.run(sql, hash, instance)
    }

    /// Notes a head.
    mutating func note(head node: ObjectHash, of id: IDHash) throws {
        let before = try database.row("SELECT node FROM head WHERE id = ?", id)?.hash(0)
        guard before != node else { return }
        try database.run("INSERT OR REPLACE INTO head (id, node) VALUES (?, ?)", id, node)
        try appendToFeed(.head, id.objectHash)
        try lookAtHead(id)
    }

    private mutating func appendToFeed(_ kind: FeedKind, _ key: ObjectHash) throws {
        try database.run("INSERT OR REPLACE INTO feed (kind, key) VALUES (?, ?)", kind.rawValue, key)
        feedGrew = true
    }

    /// Another size was shown until now.
    private func noteSize(_ byteCount: Int, of hash: ObjectHash) throws {
        try database.run("UPDATE entry SET size = ? WHERE object = ?", byteCount, hash)
        try database.run("UPDATE attachment SET size = ? WHERE data = ?", byteCount, hash)
    }

    /// Entries whose bytes came or went have other blocks now.
    private mutating func noteLocalChange(of hash: ObjectHash) throws {
        for row in try database.rows("SELECT number FROM entry WHERE object = ? LIMIT 64", hash) {
            treeChanges.insert(.content(row.number(0)))
        }
    }

    /// Adds to the totals: objects, and those of them that are here.
    private mutating func count(_ count: Int, _ byteCount: Int, held: Int) {
        totals.count += count
        totals.size += count * byteCount
        totals.heldCount += held
        totals.heldSize += held * byteCount
    }

    func writeTotals() throws {
        try database.run(
            """
            UPDATE total SET count = count + ?, held_count = held_count + ?, size = size + ?, held_size = held_size + ?
            """,
            totals.count,
            totals.heldCount,
            totals.size,
            totals.heldSize
        )
    }

    private mutating func typeID(_ name: String?) throws -> Int64? {
        guard let name else { return nil }
        let key = Array(name.utf8)
        if let id = types[key] { return id }
        try database.run("INSERT OR IGNORE INTO type (name) VALUES (?)", StoredBytes(key))
        let id: Int64? = try database.row("SELECT id FROM type WHERE name = ?", StoredBytes(key))?[0]
        types[key] = id
        return id
    }

    /// Type name of a known ONE object.
    func type(of hash: ObjectHash) throws -> String? {
        let sql = "SELECT t.name FROM object o JOIN type t ON t.id = o.type WHERE o.hash = ? AND o.kind = 0"
        return try database.row(sql, hash)?.text(0)
    }

    /// Size of a known object.
    func byteCount(of hash: ObjectHash) throws -> Int? {
        try database.row("SELECT size FROM object WHERE hash = ?", hash)?[0]
    }

    /// The row of an instance, made if it is new.
    static func instance(_ name: String, _ database: Database) throws -> Int64 {
        try database.run("INSERT OR IGNORE INTO instance (name) VALUES (?)", name)
        let id: Int64? = try database.row("SELECT id FROM instance WHERE name = ?", name)?[0]
        guard let id else { throw ObjectError.unknown }
        return id
    }
}
