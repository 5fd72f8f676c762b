internal import GRDB
internal import Objects

extension Indexer {
    /// More objects than this beside one entry are not looked at, unless they are descriptors of the owner's files.
    static let metadataCountMax = 64

    /// The row for all channels and topics with this id.
    mutating func thread(_ topic: [UInt8]) throws -> Int64 {
        let key = StoredBytes(topic)
        if let id = try database.row("SELECT id FROM thread WHERE topic = ?", key)?[0] as Int64? { return id }
        try database.run("INSERT INTO thread (topic) VALUES (?)", key)
        return database.lastInsertedRowID
    }

    mutating func index(topic object: OneObject, _ hash: ObjectHash) throws {
        guard let id = object.text("id") else { return }
        let thread = try thread(Array(id.utf8))
        try database.run(
            "INSERT OR IGNORE INTO topic (thread, hash, name) VALUES (?, ?, ?)",
            thread,
            hash,
            object.text("name").map { StoredBytes($0) }
        )
        dirtyThreads.insert(thread)
    }

    /// The registry decides between several topics of one id.
    mutating func index(topicRegistry object: OneObject, _ id: IDHash) throws {
        try Meta.set("topicRegistry", id.objectHash.bytes, database)
        let sql = "SELECT thread FROM topic GROUP BY thread HAVING count(*) > 1"
        for row in try database.rows(sql) { dirtyThreads.insert(row[0]) }
    }

    mutating func index(channel object: OneObject) throws {
        guard let id = object.text("id"), let bytes = try? Microdata.idBytes(of: object, catalog.book) else { return }
        let hash = ObjectHash(of: bytes)
        let thread = try thread(Array(id.utf8))
        try database.run(
            "INSERT OR IGNORE INTO channel (hash, thread, owner) VALUES (?, ?, ?)",
            hash,
            thread,
            object.idReference("owner")
        )
        if database.changesCount > 0 { dirtyThreads.insert(thread) }
        guard let head = object.reference("head"),
            let channel = try database.row("SELECT id FROM channel WHERE hash = ?", hash)?[0] as Int64?
        else { return }
        walks.append((channel, head))
    }

    /// Walks lists from their heads back to what is known (one-protocol 6.1), one step at a time: lists may be long, and a
    /// visited entry ends every cycle.
    mutating func walkChannels() throws {
        var room = catalog.walkCountMax
        while let (channel, head) = walks.popLast() {
            guard let thread = try database.row("SELECT thread FROM channel WHERE id = ?", channel)?[0] as Int64? else {
                continue
            }
            var next: ObjectHash? = head
            while let hash = next {
                guard room > 0 else {
                    // Kept in the database, too: a crash between two transactions loses nothing.
                    try wait(for: hash, .walk, row: channel)
                    interrupted.append(hash)
                    break
                }
                room -= 1
                next = try visit(hash, channel, thread)
            }
        }
    }

    /// Takes in one entry.
    ///
    /// - Returns: the entry before it; nil if the walk ends here.
    private mutating func visit(_ hash: ObjectHash, _ channel: Int64, _ thread: Int64) throws -> ObjectHash? {
        switch load(hash) {
        case .missing:
            let sql = "SELECT 1 FROM list_entry WHERE channel = ? AND hash = ?"
            if try database.row(sql, channel, hash) == nil, !catalog.isSparse {
                try wait(for: hash, .walk, row: channel)
            }
            return nil
        case .unreadable: return nil
        case .object(let entry):
            guard entry.type == "LinkedListEntry", let creation = entry.reference("data") else { return nil }
            try database.run("INSERT OR IGNORE INTO list_entry (channel, hash) VALUES (?, ?)", channel, hash)
            guard database.changesCount > 0 else { return nil }
            try note(creation, entry.references("metadata"), channel, thread)
            return entry.reference("previous")
        }
    }

    /// Notes that something was posted; several entries may say so, after lists were merged (one-protocol 6.3).
    ///
    /// - Returns: the row of its message.
    @discardableResult
    mutating func note(
        _ creation: ObjectHash,
        _ metadata: [ObjectHash],
        _ channel: Int64,
        _ thread: Int64
    ) throws -> Int64? {
        try database.run(
            "INSERT OR IGNORE INTO message (channel, creation, thread, kind) VALUES (?, ?, ?, 0)",
            channel,
            creation,
            thread
        )
        var grew = database.changesCount > 0
        var id = database.lastInsertedRowID
        if !grew {
            let sql = "SELECT id FROM message WHERE channel = ? AND creation = ?"
            guard let known = try database.row(sql, channel, creation)?[0] as Int64? else { return nil }
            id = known
        }
        let isLong = try metadata.count > Self.metadataCountMax && isFileChannel(channel, thread)
        for object in metadata.sorted().prefix(isLong ? Self.fileCountMax : Self.metadataCountMax) {
            try database.run("INSERT OR IGNORE INTO message_metadata (message, object) VALUES (?, ?)", id, object)
            grew = grew || database.changesCount > 0
        }
        if grew { dirtyMessages.insert(id) }
        return id
    }
}
