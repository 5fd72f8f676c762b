internal import GRDB
package import Objects

/// A day of a conversation, as an entry of the tree.
package struct PlacedDay: Hashable, Sendable {
    package var topic: String
    /// Days since 1970-01-01.
    package var day: Int
    /// Its text.
    package var entry: EntryNumber
    /// The folder of its month, in which its attachments are, too.
    package var folder: EntryNumber
    package var messageCount: Int
    /// Of its text, in bytes.
    package var byteCount: Int
}

/// What is opened as one, and what is in it: a conversation, or a folder of files.
extension Catalog {
    /// Conversation, month, file; files may be deeper, and belong to the folder they are in.
    private static let depthMax = 3

    /// The conversation an entry is or is in, else the folder of files it is or is in; nil for what is neither.
    package func place(of entry: Entry) throws(ObjectError) -> EntryNumber? {
        let folder = entry.kind == .directory ? entry.number : entry.parent
        var (number, parent) = (entry.number, entry.parent)
        for _ in 0..<Self.depthMax {
            switch parent {
            case FixedEntry.conversations: return number
            case FixedEntry.files: return folder
            case ..<FixedEntry.firstFree: return nil
            default: (number, parent) = (parent, try self.entry(parent).parent)
            }
        }
        return folder
    }

    /// Folders of conversations with the time of their last message, the newest first.
    package func newestConversations(
        limit: Int
    ) throws(ObjectError) -> [(folder: EntryNumber, last: Timestamp)] {
        try answerOne { database in
            let sql = """
                SELECT topic, last FROM thread WHERE object IS NOT NULL AND last IS NOT NULL ORDER BY last DESC LIMIT ?
                """
            return try database.rows(sql, limit).map { row in
                let folder = EntryNumber(identity: Array("conversation/".utf8) + row.bytes(0))
                return (folder, Timestamp(milliseconds: row[1]))
            }
        }
    }

    /// Days of a conversation before this one (nil: the newest), the newest first; no more than it takes for so many
    /// messages.
    package func days(
        of folder: EntryNumber,
        before day: Int? = nil,
        messageCount: Int
    ) throws(ObjectError) -> [PlacedDay] {
        try answer { database in
            let thread = "SELECT subject FROM entry WHERE parent = ? AND kind = ? AND subject IS NOT NULL LIMIT 1"
            guard let id = try database.row(thread, folder.stored, EntryKind.about.rawValue)?[0] as Int64? else {
                return []
            }
            let sql = """
                SELECT d.day, d.messages, d.size, t.topic FROM day d JOIN thread t ON t.id = d.thread
                WHERE d.thread = ? AND d.day < ? ORDER BY d.day DESC LIMIT ?
                """
            var (days, rest) = ([PlacedDay](), messageCount)
            for row in try database.rows(sql, id, day ?? Int.max, messageCount) where rest > 0 {
                let (moment, topic) = (CivilTime(day: row[0]), row.bytes(3))
                func number(_ kind: String, _ text: String) -> EntryNumber {
                    EntryNumber(identity: Array("\(kind)/".utf8) + topic + Array("/\(text)".utf8))
                }
                rest -= row[1] as Int
                days.append(
                    PlacedDay(
                        topic: row.text(3),
                        day: row[0],
                        entry: number("day", moment.dayText),
                        folder: number("month", moment.monthText),
                        messageCount: row[1],
                        byteCount: row[2]
                    )
                )
            }
            return days
        }
    }

    /// Objects shown as files in a folder that are not here, the newest first; of a day of a conversation, if given, and of
    /// that only what was posted since a time.
    package func missingFiles(
        in folder: EntryNumber,
        of day: Int? = nil,
        since: Timestamp? = nil,
        byteCountMax: Int,
        limit: Int
    ) throws(ObjectError) -> [KnownObject] {
        try answerOne { database in
            let start = day.map { Double($0) * Self.millisecondsPerDay } ?? -.greatestFiniteMagnitude
            let from = max(start, day == nil ? start : since?.milliseconds ?? start)
            let to = day.map { Double($0 + 1) * Self.millisecondsPerDay } ?? .greatestFiniteMagnitude
            let sql =
                Self.objectColumns + """
                     JOIN entry e ON e.object = o.hash
                    WHERE e.parent = ? AND e.kind = ? AND o.held = 0 AND o.size <= ? AND e.time >= ? AND e.time < ?
                    GROUP BY o.hash ORDER BY max(e.time, e.modified / 1e6) DESC, o.hash LIMIT ?
                    """
            return try database.rows(sql, folder.stored, EntryKind.object.rawValue, byteCountMax, from, to, limit)
                .compactMap(Self.known)
        }
    }

    private static let millisecondsPerDay = 86_400_000.0
}
