internal import GRDB
package import Objects

extension Catalog {
    /// All conversations, the one with the newest message first.
    package func conversations() throws(ObjectError) -> [Conversation] {
        try answer { database in
            let documents = Documents(database: database, owner: self.owner)
            let rows = try database.rows("SELECT id FROM thread WHERE object IS NOT NULL ORDER BY topic")
            let conversations = try rows.map { try documents.conversation(thread: $0[0]) }
            // The sort is stable: those without messages stay in the order of their ids.
            return conversations.sorted { $0.lastTime ?? -.infinity > $1.lastTime ?? -.infinity }
        }
    }

    /// The conversations a person may mean by a text: the one with this id, else those of this title or folder name, else
    /// those whose id or title starts with it, in any case.
    package func conversations(matching text: String) throws(ObjectError) -> [Conversation] {
        let all = try conversations()
        func matches(_ isMatch: (Conversation) -> Bool) -> [Conversation]? {
            let found = all.filter(isMatch)
            return found.isEmpty ? nil : found
        }
        let folder = try? entry(named: text, in: FixedEntry.conversations).number
        let lowered = text.lowercased()
        return matches { $0.id.utf8.elementsEqual(text.utf8) }
            ?? matches { EntryNumber(identity: "conversation/" + $0.id) == folder }
            ?? matches { $0.title == text }
            ?? matches { $0.title.lowercased() == lowered }
            ?? matches { $0.id.hasPrefix(text) || $0.title.lowercased().hasPrefix(lowered) }
            ?? []
    }

    /// Every message of a conversation, oldest first, a day at a time.
    package func forEachMessage(of conversation: String, _ body: (Message) throws -> Void) throws {
        let thread = try thread(of: conversation)
        var after = Int.min
        while let (day, messages) = try nextDay(of: thread, after: after) {
            for message in messages { try body(message) }
            after = day
        }
    }

    /// The messages of the first day after this one, oldest first, with the day's number; nil if there is none.
    ///
    /// Days are numbered from 1970-01-01; start with `Int.min`.
    package func messages(
        of conversation: String,
        afterDay day: Int
    ) throws(ObjectError) -> (day: Int, messages: [Message])? {
        try nextDay(of: thread(of: conversation), after: day)
    }

    /// The last messages of a conversation, oldest first.
    package func messages(of conversation: String, last count: Int) throws(ObjectError) -> [Message] {
        let thread = try thread(of: conversation)
        return try answer { database in
            let documents = Documents(database: database, owner: self.owner)
            var messages: [Message] = []
            for row in try database.rows("SELECT day FROM day WHERE thread = ? ORDER BY day DESC", thread) {
                if messages.count >= count { break }
                messages = try documents.messages(thread: thread, day: row[0]) + messages
            }
            return Array(messages.suffix(max(0, count)))
        }
    }

    private func thread(of conversation: String) throws(ObjectError) -> Int64 {
        try answer { database in
            let sql = "SELECT id FROM thread WHERE topic = ? AND object IS NOT NULL"
            guard let row = try database.row(sql, StoredBytes(conversation)) else { throw ObjectError.unknown }
            return row[0]
        }
    }

    private func nextDay(of thread: Int64, after: Int) throws(ObjectError) -> (day: Int, messages: [Message])? {
        try answer { database in
            let sql = "SELECT day FROM day WHERE thread = ? AND day > ? ORDER BY day LIMIT 1"
            guard let day = try database.row(sql, thread, after)?[0] as Int? else { return nil }
            return (day, try Documents(database: database, owner: self.owner).messages(thread: thread, day: day))
        }
    }

    // MARK: What writing needs

    /// A channel of a topic.
    package struct Channel: Hashable, Sendable {
        /// ID hash of the ChannelInfo.
        package var id: IDHash
        package var owner: IDHash?
    }

    /// The Topic object of a conversation, and all channels of its id.
    package func topic(_ conversation: String) throws(ObjectError) -> (topic: ObjectHash, channels: [Channel]) {
        let thread = try thread(of: conversation)
        return try answer { database in
            let row = try database.row("SELECT object FROM thread WHERE id = ?", thread)
            guard let topic = row?.hash(0) else { throw ObjectError.unknown }
            let sql = "SELECT hash, owner FROM channel WHERE thread = ? ORDER BY hash"
            let channels = try database.rows(sql, thread).compactMap { row -> Channel? in
                guard let hash = row.hash(0) else { return nil }
                return Channel(id: IDHash(hash), owner: row.hash(1).map { IDHash($0) })
            }
            return (topic, channels)
        }
    }

    /// The head of an ID hash, and the object it leads to if its node was read.
    package func head(of id: IDHash) throws(ObjectError) -> (node: ObjectHash, data: ObjectHash?)? {
        try answer { database in
            let row = try database.row("SELECT node, data FROM head WHERE id = ?", id)
            guard let row, let node = row.hash(0) else { return nil }
            return (node, row.hash(1))
        }
    }
}
