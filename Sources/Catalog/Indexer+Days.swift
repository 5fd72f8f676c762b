internal import GRDB
internal import Objects

/// Messages that come and go by days, where most are elsewhere.
extension Indexer {
    mutating func learn(_ messages: [PostedMessage], of key: ConversationDay, areAll: Bool) throws {
        let thread = try thread(Array(key.topic.utf8))
        for message in messages {
            try database.run(
                "INSERT OR IGNORE INTO channel (hash, thread, owner) VALUES (?, ?, ?)",
                message.channel,
                thread,
                message.owner
            )
            let row = try database.row("SELECT id FROM channel WHERE hash = ?", message.channel)
            guard let channel = row?[0] as Int64?,
                let id = try note(message.creation, message.metadata, channel, thread)
            else { continue }
            // It may have been here before, and judged without its signatures.
            dirtyMessages.insert(id)
        }
        guard areAll, !messages.isEmpty else { return }
        try database.run("UPDATE day SET told = 0 WHERE thread = ? AND day = ?", thread, key.day)
        dirtyDays.insert(DayKey(thread: thread, day: key.day))
    }

    /// What was measured from the messages stays, as if it had been told.
    mutating func forgetDay(thread: Int64, day: Int) throws {
        let ofDay = "(SELECT id FROM message WHERE thread = ? AND day = ? AND kind = 1)"
        try database.run("DELETE FROM message_metadata WHERE message IN \(ofDay)", thread, day)
        for row in try database.rows("SELECT entry FROM attachment WHERE message IN \(ofDay)", thread, day) {
            try database.run("UPDATE entry SET subject = NULL WHERE number = ?", row.number(0).stored)
        }
        try database.run("DELETE FROM attachment WHERE message IN \(ofDay)", thread, day)
        try database.run("DELETE FROM message WHERE thread = ? AND day = ? AND kind = 1", thread, day)
        for row in try database.rows("SELECT author FROM day_author WHERE thread = ? AND day = ?", thread, day) {
            guard let author = row.hash(0) else { continue }
            try database.run("INSERT OR IGNORE INTO told_person (thread, person) VALUES (?, ?)", thread, author)
        }
        try database.run("DELETE FROM day_author WHERE thread = ? AND day = ?", thread, day)
        try database.run("UPDATE day SET told = 1 WHERE thread = ? AND day = ?", thread, day)
        let number = try self.thread(thread).number("day", CivilTime(day: day).dayText)
        treeChanges.insert(.content(number))
    }
}
