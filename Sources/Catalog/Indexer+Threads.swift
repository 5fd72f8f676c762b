internal import GRDB
internal import Objects

extension Indexer {
    func thread(_ id: Int64) throws -> Thread {
        guard let thread = try threads[id] ?? Thread(id, database) else { throw ObjectError.unknown }
        return thread
    }

    /// Chooses the Topic of each id and gives it its title; new conversations get everything they have.
    mutating func titleThreads() throws {
        for id in dirtyThreads {
            guard let topic = try chosenTopic(id) else { continue }
            let before = try thread(id)
            let title = try title(of: before, name: topic.name)
            let isRetitled = !before.isConversation || !before.title.utf8.elementsEqual(title.utf8)
            try database.run(
                "UPDATE thread SET object = ?, name = ?, title = ? WHERE id = ?",
                topic.hash,
                topic.name.map { StoredBytes($0) },
                StoredBytes(title),
                id
            )
            threads[id] = try Thread(id, database)
            if isRetitled { try markDays(of: id) }
            if !before.isConversation {
                for row in try database.rows(
                    "SELECT id FROM message WHERE thread = ? AND kind = 1 AND attachments > 0",
                    id
                ) {
                    dirtyMessages.insert(row[0])
                }
            }
            try putDirectory(of: try thread(id))
        }
    }

    private mutating func markDays(of thread: Int64) throws {
        let sql = """
            SELECT day FROM message WHERE thread = ?1 AND kind = 1
            UNION SELECT day FROM day WHERE thread = ?1 AND told = 1
            """
        for row in try database.rows(sql, thread) {
            dirtyDays.insert(DayKey(thread: thread, day: row[0]))
        }
    }

    /// Of several topics with one id the one the registry names, else the one with the smallest hash.
    private func chosenTopic(_ thread: Int64) throws -> (hash: ObjectHash, name: String?)? {
        let rows = try database.rows("SELECT hash, name FROM topic WHERE thread = ? ORDER BY hash", thread)
        var chosen = rows.first
        if rows.count > 1 {
            let registered = try registeredTopics()
            chosen = rows.first { $0.hash(0).map(registered.contains) ?? false } ?? chosen
        }
        guard let chosen, let hash = chosen.hash(0) else { return nil }
        return (hash, chosen.isNull(1) ? nil : chosen.text(1))
    }

    private func registeredTopics() throws -> Set<ObjectHash> {
        guard let id = try Meta.value("topicRegistry", database),
            let data = try database.row("SELECT data FROM head WHERE id = ?", StoredBytes(id))?.hash(0),
            case .object(let registry) = load(data), case .map(let entries) = registry["topics"]
        else { return [] }
        return Set(entries.compactMap(\.value.reference))
    }

    private func title(of thread: Thread, name: String?) throws -> String {
        if let (first, second) = Thread.pair(thread.topic) {
            let people: [IDHash] = [first, second].filter { $0 != catalog.owner }
            if people.isEmpty { return try self.name(of: first) }
            return try people.map { try self.name(of: $0) }.joined(separator: ", ")
        }
        if let name, !name.isEmpty { return name }
        return String(decoding: thread.topic, as: UTF8.self)
    }

    private mutating func putDirectory(of thread: Thread) throws {
        var entry = StoredEntry(thread.directory, in: FixedEntry.conversations, .directory)
        entry.base = EntryName.title(thread.title)
        entry.original = entry.base.utf8.elementsEqual(thread.title.utf8) ? nil : thread.title
        let first = try database.row("SELECT first FROM day WHERE thread = ? ORDER BY day LIMIT 1", thread.id)
        entry.time = first?[0] ?? Self.afterAllTimes
        entry.hash = ObjectHash(of: thread.topic)
        entry.subject = thread.id
        entry.modified = try StoredEntry.find(thread.directory, database)?.modified ?? entry.modified
        try put(entry)
    }

    /// The order of conversations without a message: after all others.
    private static let afterAllTimes = 1e300

    /// The directory of a month, made if it is not there.
    mutating func month(of moment: CivilTime, _ thread: Thread) throws -> EntryNumber {
        let number = thread.number("month", moment.monthText)
        if try StoredEntry.find(number, database) == nil {
            var entry = StoredEntry(number, in: thread.directory, .directory)
            entry.base = moment.monthText
            try put(entry)
        }
        return number
    }

    // MARK: Bodies and days

    /// Measures what messages take in the text of their day.
    mutating func measureBodies() throws {
        let documents = Documents(database: database, owner: catalog.owner)
        for id in dirtyBodies {
            guard let row = try database.row("SELECT thread, day, kind FROM message WHERE id = ?", id),
                (row[2] as Int) == MessageKind.chat.rawValue, let message = try documents.message(id)
            else { continue }
            try database.run("UPDATE message SET body = ? WHERE id = ?", DayText.byteCountWithoutName(of: message), id)
            dirtyDays.insert(DayKey(thread: row[0], day: row[1]))
        }
        dirtyBodies = []
    }

    mutating func measureDays() throws {
        for key in dirtyDays {
            let thread = try thread(key.thread)
            if thread.isConversation { try measure(key, thread) }
        }
        dirtyDays = []
    }

    private mutating func measure(_ key: DayKey, _ thread: Thread) throws {
        let moment = CivilTime(day: key.day)
        var size = DayText.header(title: thread.title, day: moment).utf8.count
        var (messages, attachments) = (0, 0)
        var (first, last) = (Double.infinity, -Double.infinity)
        try database.run("DELETE FROM day_author WHERE thread = ? AND day = ?", key.thread, key.day)
        let sql = """
            SELECT author, count(*), sum(body), sum(attachments), min(time), max(time) FROM message
            WHERE thread = ? AND day = ? AND kind = 1 GROUP BY author
            """
        for row in try database.rows(sql, key.thread, key.day) {
            guard let author = row.hash(0).map({ IDHash($0) }) else { continue }
            let count: Int = row[1]
            messages += count
            attachments += row[3] as Int
            size += row[2] as Int + count * DayText.nameByteCount(try name(of: author))
            (first, last) = (min(first, row[4]), max(last, row[5]))
            try database.run(
                "INSERT INTO day_author (thread, day, author) VALUES (?, ?, ?)",
                key.thread,
                key.day,
                author
            )
        }
        let told = "SELECT messages, size, last FROM day WHERE thread = ? AND day = ? AND told = 1"
        if let row = try database.row(told, key.thread, key.day), row[0] as Int > messages {
            // Somebody with all messages has measured it.
            return try putDay(key, thread, byteCount: row[1], last: row[2])
        }
        guard messages > 0 else { return }
        try database.run(
            """
            INSERT OR REPLACE INTO day (thread, day, messages, attachments, size, first, last) VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            key.thread,
            key.day,
            messages,
            attachments,
            size,
            first,
            last
        )
        try putDay(key, thread, byteCount: size, last: last)
    }

    private mutating func putDay(_ key: DayKey, _ thread: Thread, byteCount: Int, last: Double) throws {
        let moment = CivilTime(day: key.day)
        var entry = StoredEntry(thread.number("day", moment.dayText), in: try month(of: moment, thread), .day)
        entry.base = moment.dayText + ".md"
        (entry.byteCount, entry.modified) = (byteCount, Timestamp(milliseconds: last))
        (entry.subject, entry.day) = (key.thread, key.day)
        // A text may have changed without changing its size.
        treeChanges.insert(.content(entry.number))
        movedEntries.insert(entry.number)
        try put(entry)
        dirtyThreads.insert(key.thread)
    }

    // MARK: About and latest

    mutating func describeThreads() throws {
        for id in dirtyThreads {
            let thread = try thread(id)
            guard thread.isConversation else { continue }
            try count(thread)
            try noteParticipants(of: thread)
            try putDirectory(of: thread)
            let documents = Documents(database: database, owner: catalog.owner)
            let conversation = try documents.conversation(thread: id)
            var about = StoredEntry(thread.number("about"), in: thread.directory, .about)
            about.base = "about.md"
            about.byteCount = AboutText.text(conversation).utf8.count
            about.modified = Timestamp(milliseconds: conversation.lastTime ?? 0)
            about.subject = id
            treeChanges.insert(.content(about.number))
            movedEntries.insert(about.number)
            try put(about)
            try putLatest(of: thread)
        }
        dirtyThreads = []
    }

    private mutating func count(_ thread: Thread) throws {
        try database.run(
            """
            UPDATE thread SET (messages, attachments, first, last) = (
                SELECT coalesce(sum(messages), 0), coalesce(sum(attachments), 0), min(first), max(last)
                FROM day WHERE thread = ?1)
            WHERE id = ?1
            """,
            thread.id
        )
    }

    private mutating func putLatest(of thread: Thread) throws {
        let sql = "SELECT day, last FROM day WHERE thread = ? ORDER BY day DESC LIMIT 1"
        guard let row = try database.row(sql, thread.id) else { return }
        let moment = CivilTime(day: row[0])
        let target = moment.monthText + "/" + moment.dayText + ".md"
        var latest = StoredEntry(thread.number("latest"), in: thread.directory, .link)
        latest.base = "latest.md"
        (latest.target, latest.byteCount) = (target, target.utf8.count)
        latest.modified = Timestamp(milliseconds: row[1])
        try put(latest)
    }

    /// Who takes part: the two of a pair, who wrote, who owns a channel, and who may read one.
    private mutating func noteParticipants(of thread: Thread) throws {
        var people: Set<IDHash> = []
        if let (first, second) = Thread.pair(thread.topic) { people = [first, second] }
        let queries = [
            "SELECT DISTINCT author FROM day_author WHERE thread = ?",
            "SELECT owner FROM channel WHERE thread = ? AND owner IS NOT NULL",
            "SELECT a.person FROM channel c JOIN channel_access a ON a.channel = c.hash WHERE c.thread = ?",
            "SELECT person FROM told_person WHERE thread = ?",
        ]
        for sql in queries {
            for row in try database.rows(sql, thread.id) { if let hash = row.hash(0) { people.insert(IDHash(hash)) } }
        }
        try database.run("DELETE FROM participant WHERE thread = ?", thread.id)
        for person in people {
            try database.run("INSERT INTO participant (thread, person) VALUES (?, ?)", thread.id, person)
        }
    }
}
