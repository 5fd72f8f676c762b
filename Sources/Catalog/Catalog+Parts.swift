internal import GRDB
package import Objects

/// What things there are that a policy speaks of: contacts, days of conversations with their messages, files.
extension Catalog {
    /// Types that say who somebody is; of versioned ones the current version counts.
    private static let contactTypes = ["Profile", "Someone", "Leute"]

    /// Every conversation, with the time of its last message or opening, whichever is later.
    ///
    /// `openings`, by topic id: those of another device instead of this one's.
    package func activities(openings: [String: Timestamp]? = nil) throws(ObjectError) -> [Int64: Timestamp] {
        try answer { database in
            let sql = """
                SELECT t.id, t.topic, t.last, o.time FROM thread t LEFT JOIN opening o ON o.thread = t.id
                WHERE t.object IS NOT NULL
                """
            var activities: [Int64: Timestamp] = [:]
            for row in try database.rows(sql) {
                let own = (row[3] as Int64?).map { Timestamp(nanoseconds: $0) }
                let opened = openings.map { $0[row.text(1)] } ?? own
                let posted = (row[2] as Double?).map { Timestamp(milliseconds: $0) }
                activities[row[0]] = [opened, posted].compactMap(\.self).max()
            }
            return activities
        }
    }

    /// When each conversation was last opened here, by topic id.
    package func openings() throws(ObjectError) -> [String: Timestamp] {
        try answer { database in
            let rows = try database.rows("SELECT t.topic, o.time FROM opening o JOIN thread t ON t.id = o.thread")
            return Dictionary(rows.map { ($0.text(0), Timestamp(nanoseconds: $0[1])) }) { first, _ in first }
        }
    }

    /// The conversation in whose folder an entry is; nil if it is in none.
    package func thread(above entry: EntryNumber) throws(ObjectError) -> Int64? {
        try answer { database in
            var number = entry
            for _ in 0..<Self.conversationDepth {
                guard let row = try database.row("SELECT parent FROM entry WHERE number = ?", number.stored) else {
                    return nil
                }
                if row.number(0) == FixedEntry.conversations {
                    let about = "SELECT subject FROM entry WHERE parent = ? AND kind = ? LIMIT 1"
                    return try database.row(about, number.stored, EntryKind.about.rawValue)?[0]
                }
                number = row.number(0)
            }
            return nil
        }
    }

    /// Notes that a conversation was opened here.
    package func opened(_ thread: Int64, at time: Timestamp) throws {
        try write { database in
            let sql = """
                INSERT INTO opening (thread, time) VALUES (?, ?)
                ON CONFLICT (thread) DO UPDATE SET time = max(time, excluded.time)
                """
            try database.run(sql, thread, time.nanoseconds)
        }
    }

    /// Whether nobody who keeps everything was found to have it.
    package func isUnconfirmed(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        try answerOne { try $0.row("SELECT 1 FROM unconfirmed WHERE hash = ?", hash) != nil }
    }

    /// Conversation, month, file.
    private static let conversationDepth = 3

    /// The newest days of a conversation, the newest first.
    package func days(of thread: Int64, limit: Int) throws(ObjectError) -> [DayPlace] {
        try answer { database in
            var newer = 0
            let sql = "SELECT day, last, messages FROM day WHERE thread = ? ORDER BY day DESC LIMIT ?"
            return try database.rows(sql, thread, limit).map { row in
                defer { newer += row[2] }
                let last = Timestamp(milliseconds: row[1])
                return DayPlace(
                    thread: thread,
                    day: row[0],
                    last: last,
                    messageCount: row[2],
                    newerMessageCount: newer
                )
            }
        }
    }

    /// The microdata of the messages of a day, the newest first.
    package func objects(of place: DayPlace) throws(ObjectError) -> [PlacedObject] {
        try answer { database in
            let sql = """
                SELECT DISTINCT part.hash, coalesce(o.size, 0), coalesce(o.held, 0) FROM (
                    SELECT creation AS hash, time FROM message WHERE kind = 1 AND thread = ?1 AND day = ?2
                    UNION ALL SELECT hash, time FROM message WHERE kind = 1 AND thread = ?1 AND day = ?2
                    UNION ALL SELECT d.object, m.time FROM message m JOIN message_metadata d ON d.message = m.id
                        WHERE m.kind = 1 AND m.thread = ?1 AND m.day = ?2
                    UNION ALL SELECT a.object, m.time FROM message m JOIN attachment a ON a.message = m.id
                        WHERE m.kind = 1 AND m.thread = ?1 AND m.day = ?2
                ) AS part LEFT JOIN object o ON o.hash = part.hash WHERE o.kind IS NULL OR o.kind = 0
                ORDER BY part.time DESC
                """
            return try database.rows(sql, place.thread, place.day).compactMap { Self.placed($0, .message(place)) }
        }
    }

    /// By the topic's id.
    package func key(of place: DayPlace) throws(ObjectError) -> ConversationDay? {
        try answer { database in
            let row = try database.row("SELECT topic FROM thread WHERE id = ?", place.thread)
            return row.map { ConversationDay(topic: $0.text(0), day: place.day) }
        }
    }

    /// Messages of a day that are known by number only.
    package func untoldMessageCount(of place: DayPlace) throws(ObjectError) -> Int {
        try answer { database in
            let sql = """
                SELECT d.messages - (SELECT count(*) FROM message WHERE kind = 1 AND thread = ?1 AND day = ?2)
                FROM day d WHERE d.thread = ?1 AND d.day = ?2
                """
            return max(0, try database.row(sql, place.thread, place.day)?[0] ?? 0)
        }
    }

    /// Whether all messages of a day are known, and all of their microdata is here.
    package func isHeld(_ place: DayPlace) throws(ObjectError) -> Bool {
        guard try untoldMessageCount(of: place) == 0 else { return false }
        return try objects(of: place).allSatisfy(\.isHere)
    }

    /// Who the owner and the contacts are, as it is now.
    package func contactObjects() throws(ObjectError) -> [PlacedObject] {
        try answer { database in
            let current = """
                SELECT o.hash, o.size, o.held, p.person FROM head h JOIN object o ON o.hash = h.data
                JOIN type t ON t.id = o.type LEFT JOIN profile_version p ON p.hash = o.hash WHERE t.name = ?
                """
            var objects: [PlacedObject] = []
            for type in Self.contactTypes {
                for row in try database.rows(current, StoredBytes(type)) {
                    let isOwner = row.hash(3).map { $0 == self.owner?.objectHash } ?? false
                    if let object = Self.placed(row, .contact(isOwner: isOwner)) { objects.append(object) }
                }
            }
            let persons = """
                SELECT o.hash, o.size, o.held FROM object o
                WHERE o.type = (SELECT id FROM type WHERE name = ?) AND o.kind = ?
                """
            for row in try database.rows(persons, StoredBytes("Person"), Int(ObjectKind.id.rawValue)) {
                let isOwner = row.hash(0) == self.owner?.objectHash
                if let object = Self.placed(row, .contact(isOwner: isOwner)) { objects.append(object) }
            }
            return objects
        }
    }

    /// The bytes of attachments and files that are shown, the newest first.
    package func fileObjects(missingOnly: Bool) throws(ObjectError) -> [PlacedObject] {
        try answer { database in
            // What has neither a day nor a message is a file of the owner's.
            let sql = """
                SELECT o.hash, o.size, o.held, e.day IS NOT NULL OR e.subject IS NOT NULL AS posted, e.time, e.modified
                FROM entry e JOIN object o ON o.hash = e.object WHERE e.kind = ? AND o.held <= ?
                ORDER BY CASE WHEN posted THEN e.time * 1e6 ELSE e.modified END DESC
                """
            return try database.rows(sql, EntryKind.object.rawValue, missingOnly ? 0 : 1).compactMap { row in
                Self.placed(row, Self.filePart(isPosted: row[3], time: row[4], modified: row[5]))
            }
        }
    }

    /// What an object is part of; of messages only what is known without going through them.
    package func parts(of hash: ObjectHash) throws(ObjectError) -> [ObjectPart] {
        try answer { database in
            let places = """
                SELECT day IS NOT NULL OR subject IS NOT NULL, time, modified FROM entry WHERE object = ? AND kind = ?
                LIMIT ?
                """
            let rows = try database.rows(places, hash, EntryKind.object.rawValue, Self.placeCountMax)
            if !rows.isEmpty { return rows.map { Self.filePart(isPosted: $0[0], time: $0[1], modified: $0[2]) } }
            let sql =
                "SELECT t.name, p.person FROM object o JOIN type t ON t.id = o.type "
                + "LEFT JOIN profile_version p ON p.hash = o.hash WHERE o.hash = ?"
            guard let row = try database.row(sql, hash) else { return [.other] }
            if row.text(0) == "Person" { return [.contact(isOwner: hash == self.owner?.objectHash)] }
            guard Self.contactTypes.contains(row.text(0)) else { return [.other] }
            return [.contact(isOwner: row.hash(1).map { $0 == self.owner?.objectHash } ?? false)]
        }
    }

    /// More places of one object are not looked at.
    private static let placeCountMax = 64

    private static func filePart(isPosted: Int, time: Double, modified: Int64) -> ObjectPart {
        isPosted == 1 ? .attachment(Timestamp(milliseconds: time)) : .file(Timestamp(nanoseconds: modified))
    }

    private static func placed(_ row: StoredRow, _ part: ObjectPart) -> PlacedObject? {
        row.hash(0).map { PlacedObject(hash: $0, byteCount: row[1], isHere: (row[2] as Int) == 1, part: part) }
    }
}
