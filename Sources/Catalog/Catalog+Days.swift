internal import GRDB
package import Objects

/// A day of a conversation.
package struct ConversationDay: Hashable, Sendable {
    /// The topic's id.
    package var topic: String
    /// Days since 1970-01-01.
    package var day: Int

    package init(topic: String, day: Int) { (self.topic, self.day) = (topic, day) }
}

/// Days whose messages are elsewhere: what a day has for who asks, and what was brought.
extension Catalog {
    /// The day an entry of the tree is the text of; nil if it is none.
    package func day(of number: EntryNumber) throws(ObjectError) -> ConversationDay? {
        try answer { database in
            let sql =
                "SELECT t.topic, e.day FROM entry e JOIN thread t ON t.id = e.subject WHERE e.number = ? AND e.kind = ?"
            let row = try database.row(sql, number.stored, EntryKind.day.rawValue)
            return row.map { ConversationDay(topic: $0.text(0), day: $0[1]) }
        }
    }

    /// Whether all messages of a day are here, as far as anybody has told; a day nobody knows has none.
    package func isWhole(_ key: ConversationDay) throws(ObjectError) -> Bool {
        guard isSparse else { return true }
        return try answer { database in
            let sql = "SELECT d.told FROM day d JOIN thread t ON t.id = d.thread WHERE t.topic = ? AND d.day = ?"
            return (try database.row(sql, StoredBytes(key.topic), key.day)?[0] as Int?) != 1
        }
    }

    /// Days whose messages are not all here, the newest first.
    package func daysToBring(limit: Int) throws(ObjectError) -> [ConversationDay] {
        try answer { database in
            let sql = """
                SELECT t.topic, d.day FROM day d JOIN thread t ON t.id = d.thread
                WHERE d.told = 1 AND t.object IS NOT NULL ORDER BY d.day DESC, t.topic LIMIT ?
                """
            return try database.rows(sql, limit).map { ConversationDay(topic: $0.text(0), day: $0[1]) }
        }
    }

    // MARK: For who asks

    /// Messages of a day after a place, in order of place; with everything they are shown by, as far as it is here.
    package func posted(
        on key: ConversationDay,
        after place: Int64,
        limit: Int
    ) throws(ObjectError) -> [(place: Int64, message: PostedMessage)] {
        try answer { database in
            let sql = """
                SELECT m.id, c.hash, c.owner, m.creation, m.hash FROM message m JOIN channel c ON c.id = m.channel
                WHERE m.thread = (SELECT id FROM thread WHERE topic = ?) AND m.day = ? AND m.kind = 1 AND m.id > ?
                ORDER BY m.id LIMIT ?
                """
            return try database.rows(sql, StoredBytes(key.topic), key.day, place, limit).compactMap { row in
                guard let channel = row.hash(1), let creation = row.hash(3), let text = row.hash(4) else { return nil }
                let id: Int64 = row[0]
                let metadata = try hashes("SELECT object FROM message_metadata WHERE message = ?", id, database)
                let attached = try hashes("SELECT object FROM attachment WHERE message = ?", id, database)
                let described = try attached.filter { try isDescriptor($0, database) }
                let message = PostedMessage(
                    channel: IDHash(channel),
                    owner: row.hash(2).map { IDHash($0) },
                    creation: creation,
                    metadata: metadata,
                    objects: [creation, text] + metadata + metadata.flatMap(proof) + described
                )
                return (id, message)
            }
        }
    }

    private func hashes(_ sql: String, _ message: Int64, _ database: Database) throws -> [ObjectHash] {
        try database.rows(sql, message).compactMap { $0.hash(0) }
    }

    /// What is attached as it is may be large, and is a file of its own.
    private func isDescriptor(_ hash: ObjectHash, _ database: Database) throws -> Bool {
        let row = try database.row(Self.objectColumns + " WHERE o.hash = ?", hash)
        return row.flatMap(Self.known)?.type ?? "BlobDescriptor" == "BlobDescriptor"
    }

    /// The certificate and license a signature means nothing without.
    private func proof(of signature: ObjectHash) -> [ObjectHash] {
        guard let certificate = object(signature)?.reference("data"), let object = object(certificate) else {
            return []
        }
        return [certificate] + (object.reference("license").map { [$0] } ?? [])
    }

    private func object(_ hash: ObjectHash) -> OneObject? {
        guard let bytes = (try? objects.localBytes(of: hash)) ?? nil else { return nil }
        return try? Microdata.object(from: bytes, book)
    }

    // MARK: What was brought

    /// Takes in messages of a day; `contents` has the bytes of what they are made of, `stored` what of it is kept on this
    /// disk.
    ///
    /// `areAll`: there are no more messages on that day, whatever was told of it.
    package func learn(
        _ messages: [PostedMessage],
        of key: ConversationDay,
        areAll: Bool,
        contents: [ObjectHash: [UInt8]],
        stored: [KnownObject] = []
    ) throws {
        if !stored.isEmpty { try record(stored.map { .object($0, held: true) }, contents: contents) }
        try index(contents) { indexer in try indexer.learn(messages, of: key, areAll: areAll) }
    }

    /// Whether there are more messages than so many whose bytes are not kept, on days before this one.
    package func hasPassingMessages(above count: Int, before day: Int) throws(ObjectError) -> Bool {
        let sql = "SELECT 1 FROM message m WHERE \(Self.isPassing) LIMIT 1 OFFSET ?"
        return try answer { try $0.row(sql, day, count) != nil }
    }

    /// A condition on messages: of an earlier day than given, and not kept on this disk.
    private static let isPassing = """
        m.kind = 1 AND m.day < ? AND NOT EXISTS (SELECT 1 FROM object o WHERE o.hash = m.hash AND o.held = 1)
        """

    /// Forgets the messages of the day that came first of all whose bytes are not kept, on days before this one; it is
    /// known by its outline again.
    ///
    /// - Returns: false if there is none.
    package func forgetDay(before day: Int) throws -> Bool {
        var isAny = false
        try index { indexer in
            let sql = "SELECT m.thread, m.day FROM message m WHERE \(Self.isPassing) ORDER BY m.id LIMIT 1"
            guard let row = try indexer.database.row(sql, day) else { return }
            isAny = true
            try indexer.forgetDay(thread: row[0], day: row[1])
        }
        return isAny
    }
}
