internal import GRDB
internal import Objects

extension Indexer {
    /// What a feed's line is about; stored.
    enum FeedKind: Int {
        case object = 0
        case head = 1
    }

    /// Notes that an object is known, and held here or by a peer; as a change of this number if it is new.
    ///
    /// - Returns: whether it is new to this catalog, and whether its bytes are newly here.
    mutating func note(
        _ object: KnownObject,
        held: Bool,
        by instance: Int64?,
        number: Int64
    ) throws -> (isNew: Bool, isHere: Bool) {
        let isHere = held && instance == nil
        if let instance { try note(holder: instance, of: object.hash, held) }
        try database.run(
            "INSERT OR IGNORE INTO object (hash, kind, type, size, held, change) VALUES (?, ?, ?, ?, ?, ?)",
            object.hash,
            Int(object.kind.rawValue),
            try typeID(object.type),
            object.byteCount,
            isHere ? 1 : 0,
            number
        )
        if database.changesCount > 0 {
            count(1, object.byteCount, held: isHere ? 1 : 0)
            try addToFeed(number, .object, object.hash)
            return (true, isHere)
        }
        return (false, try renew(object, held: held, by: instance))
    }

    /// Takes over what is news about an object that is known already.
    ///
    /// - Returns: whether its bytes are newly here.
    private mutating func renew(_ object: KnownObject, held: Bool, by instance: Int64?) throws -> Bool {
        guard let before = try database.row("SELECT held, size, change FROM object WHERE hash = ?", object.hash) else {
            return false
        }
        let (wasHere, size) = ((before[0] as Int) == 1, before[1] as Int)
        if instance == nil, wasHere != held {
            count(-1, size, held: wasHere ? -1 : 0)
            count(1, object.byteCount, held: held ? 1 : 0)
            // The bytes here say better what it is than whoever told of it.
            try database.run(
                "UPDATE object SET held = ?, kind = ?, type = ?, size = ?, change = ? WHERE hash = ?",
                held ? 1 : 0,
                Int(object.kind.rawValue),
                try typeID(object.type),
                object.byteCount,
                try appendToFeed(.object, object.hash, replacing: before[2]),
                object.hash
            )
            if size != object.byteCount { try noteSize(object.byteCount, of: object.hash) }
        } else if instance != nil, !wasHere, object.byteCount > size {
            // Of two sizes one is untrue; a file that is shown too small would be cut without anybody noticing.
            count(1, object.byteCount - size, held: 0)
            totals.count -= 1
            try database.run(
                "UPDATE object SET size = ?, change = ? WHERE hash = ?",
                object.byteCount,
                try appendToFeed(.object, object.hash, replacing: before[2]),
                object.hash
            )
            try noteSize(object.byteCount, of: object.hash)
        } else {
            return false
        }
        try noteLocalChange(of: object.hash)
        return held && instance == nil && !wasHere
    }

    /// Notes that bytes are here, or no longer, of an object that is known.
    ///
    /// - Returns: whether that is news.
    mutating func noteHeld(_ hash: ObjectHash, _ held: Bool) throws -> Bool {
        let sql = "SELECT size, change FROM object WHERE hash = ? AND held <> ?"
        guard let before = try database.row(sql, hash, held ? 1 : 0) else { return false }
        try database.run(
            "UPDATE object SET held = ?, change = ? WHERE hash = ?",
            held ? 1 : 0,
            try appendToFeed(.object, hash, replacing: before[1]),
            hash
        )
        count(0, before[0], held: held ? 1 : -1)
        if !held {
            try database.run("DELETE FROM verdict WHERE hash = ?", hash)
            try changeQueues { queues, _ in try queues.left(hash) }
            try database.run("DELETE FROM superseded WHERE hash = ?", hash)
        }
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
        let before = try database.row("SELECT node, change FROM head WHERE id = ?", id)
        guard before?.hash(0) != node else { return }
        if before == nil { totals.heads += 1 }
        let number = try appendToFeed(.head, id.objectHash, replacing: before?[1])
        try database.run("INSERT OR REPLACE INTO head (id, node, change) VALUES (?, ?, ?)", id, node, number)
        if let former = before?.hash(0) { try noteSuperseded([former], isHistory: true) }
        try lookAtHead(id)
    }

    /// Adds a change in place of the one before of the same thing.
    ///
    /// - Returns: its number.
    private mutating func appendToFeed(_ kind: FeedKind, _ key: ObjectHash, replacing old: Int64?) throws -> Int64 {
        // Numbered first, so that no number is given twice.
        let number = try reserveChanges(1) + 1
        if let old { try database.run("DELETE FROM feed WHERE number = ?", old) }
        try addToFeed(number, kind, key)
        return number
    }

    private mutating func addToFeed(_ number: Int64, _ kind: FeedKind, _ key: ObjectHash) throws {
        try database.run("INSERT INTO feed (number, kind, key) VALUES (?, ?, ?)", number, kind.rawValue, key)
        feedGrew = true
    }

    /// Keeps the next numbers for so many changes, of which some may not be used.
    ///
    /// - Returns: the number before the first.
    mutating func reserveChanges(_ count: Int) throws -> Int64 {
        let last = try lastChange ?? database.row("SELECT max(number) FROM feed")?[0] ?? 0
        lastChange = last + Int64(count)
        return last
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
    mutating func count(_ count: Int, _ byteCount: Int, held: Int) {
        totals.count += count
        totals.size += count * byteCount
        totals.heldCount += held
        totals.heldSize += held * byteCount
        totals.heldCharge += held * Allocation.byteCount(of: byteCount)
    }

    func writeTotals() throws {
        try database.run(
            """
            UPDATE total SET count = count + ?, held_count = held_count + ?, size = size + ?, held_size = held_size + ?,
                held_charge = held_charge + ?, heads = heads + ?
            """,
            totals.count,
            totals.heldCount,
            totals.size,
            totals.heldSize,
            totals.heldCharge,
            totals.heads
        )
    }

    mutating func typeID(_ name: String?) throws -> Int64? {
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
        if let object = memory.object(hash) { return object.type }
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
