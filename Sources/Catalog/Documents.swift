internal import GRDB
internal import Objects

/// Puts together what documents say, from the tables.
struct Documents {
    let database: Database
    let owner: IDHash?

    // MARK: Conversations

    func conversation(thread id: Int64) throws -> Conversation {
        guard let thread = try Thread(id, database), thread.isConversation else { throw ObjectError.unknown }
        let people = try database.rows("SELECT person FROM participant WHERE thread = ? ORDER BY person", id)
        return Conversation(
            id: String(decoding: thread.topic, as: UTF8.self),
            title: thread.title,
            kind: Thread.pair(thread.topic) == nil ? .group : .oneToOne,
            participants: try people.compactMap { row in
                guard let person = row.hash(0).map({ IDHash($0) }) else { return nil }
                return Conversation.Participant(person: person, name: try name(of: person))
            },
            messageCount: thread.messageCount,
            attachmentCount: thread.attachmentCount,
            firstTime: thread.firstTime,
            lastTime: thread.lastTime
        )
    }

    func day(thread id: Int64, day: Int) throws -> [UInt8] {
        guard let thread = try Thread(id, database) else { throw ObjectError.unknown }
        var bytes = Array(DayText.header(title: thread.title, day: CivilTime(day: day)).utf8)
        try forEachMessage(thread: id, day: day) { DayText.append($0, to: &bytes) }
        return bytes
    }

    // MARK: Messages

    private static let messageColumns = """
        SELECT m.id, m.time, m.author, m.text, m.hash, m.creation, m.verified, m.attachments, m.channel
        FROM message m
        """

    /// The messages of a day in order (one-protocol 6.1).
    func messages(thread: Int64, day: Int) throws -> [Message] {
        var messages: [Message] = []
        try forEachMessage(thread: thread, day: day) { messages.append($0) }
        return messages
    }

    private func forEachMessage(thread: Int64, day: Int, _ body: (Message) -> Void) throws {
        // As the index has it. Messages of the same time and creation, in several channels, are rare: to sort all by the
        // channel's hash, too, would take as long as to read them.
        let sql = Self.messageColumns + " WHERE m.kind = 1 AND m.thread = ? AND m.day = ? ORDER BY m.time, m.creation"
        var names: [ObjectHash: String] = [:]
        var alike: [(channel: Int64, message: Message)] = []
        try database.forEachRow(sql, thread, day) { row in
            guard let message = try message(row, &names) else { return }
            if let first = alike.first?.message, first.time != message.time || first.creation != message.creation {
                for message in try inOrder(alike) { body(message) }
                alike.removeAll(keepingCapacity: true)
            }
            alike.append((row[8], message))
        }
        for message in try inOrder(alike) { body(message) }
    }

    /// Messages that only their channels tell apart, in the order of the channels' hashes.
    private func inOrder(_ alike: [(channel: Int64, message: Message)]) throws -> [Message] {
        guard alike.count > 1 else { return alike.map(\.message) }
        let hashed = try alike.map { channel, message in
            (try database.row("SELECT hash FROM channel WHERE id = ?", channel)?.bytes(0) ?? [], message)
        }
        return hashed.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    func message(_ id: Int64) throws -> Message? {
        var names: [ObjectHash: String] = [:]
        return try database.row(Self.messageColumns + " WHERE m.id = ?", id).flatMap { try message($0, &names) }
    }

    /// `names` are those of authors that were looked up already.
    private func message(_ row: StoredRow, _ names: inout [ObjectHash: String]) throws -> Message? {
        guard let author = row.hash(2), let hash = row.hash(4), let creation = row.hash(5) else { return nil }
        let name = try names[author] ?? self.name(of: IDHash(author))
        names[author] = name
        return Message(
            time: row[1],
            author: IDHash(author),
            authorName: name,
            text: row.text(3),
            hash: hash,
            creation: creation,
            isVerified: (row[6] as Int) == 1,
            attachments: (row[7] as Int) == 0 ? [] : try attachments(of: row[0])
        )
    }

    private func attachments(of message: Int64) throws -> [Attachment] {
        let sql = """
            SELECT a.object, a.data, a.name, a.type, a.size, e.name FROM attachment a
            LEFT JOIN entry e ON e.number = a.entry WHERE a.message = ? ORDER BY a.position
            """
        return try database.rows(sql, message).compactMap { row in
            guard let hash = row.hash(0), let data = row.hash(1) else { return nil }
            return Attachment(
                hash: hash,
                data: data,
                name: row.text(2),
                type: row.text(3),
                byteCount: row[4],
                entryName: row[5] ?? ""
            )
        }
    }

    // MARK: People

    /// What a person is called (one-protocol 5.1); the hash of who is not known.
    func name(of person: IDHash) throws -> String {
        guard let row = try database.row("SELECT name FROM person WHERE id = ?", person) else { return person.hex }
        return row.text(0)
    }

    func contact(_ someone: IDHash) throws -> Contact {
        guard try database.row("SELECT 1 FROM leute WHERE someone = ?", someone) != nil else {
            throw ObjectError.unknown
        }
        let profiles = try profiles(of: someone)
        let identities = try database.rows(
            """
            SELECT i.person, p.email FROM identity i LEFT JOIN person p ON p.id = i.person WHERE i.someone = ?
            ORDER BY i.person
            """,
            someone
        )
        return Contact(
            someone: someone,
            displayName: try displayName(of: someone),
            identities: identities.compactMap { row in
                guard let person = row.hash(0) else { return nil }
                return Contact.Identity(person: IDHash(person), email: row.isNull(1) ? nil : row.text(1))
            },
            emails: try values(.email, profiles),
            phones: try values(.phone, profiles),
            organisations: try values(.organisation, profiles),
            modified: profiles.compactMap { $0[1] as Double? }.max()
        )
    }

    /// First PersonName of the main profile, else what one of its persons is called (one-protocol 5.1).
    func displayName(of someone: IDHash) throws -> String {
        let sql = "SELECT p.name FROM someone s JOIN profile p ON p.id = s.main WHERE s.id = ? AND p.name IS NOT NULL"
        if let row = try database.row(sql, someone) { return row.text(0) }
        let first = try database.row("SELECT person FROM identity WHERE someone = ? ORDER BY person LIMIT 1", someone)
        return try first?.hash(0).map { try name(of: IDHash($0)) } ?? someone.hex
    }

    /// ID hashes and times of all profiles of a contact's persons.
    private func profiles(of someone: IDHash) throws -> [StoredRow] {
        let sql = """
            SELECT p.id, p.time FROM identity i JOIN profile p ON p.person = i.person WHERE i.someone = ? ORDER BY p.id
            """
        return try database.rows(sql, someone)
    }

    /// What profiles say, each text once, in order.
    private func values(_ kind: ProfileValue, _ profiles: [StoredRow]) throws -> [String] {
        var seen: Set<[UInt8]> = []
        for profile in profiles {
            let sql = "SELECT value FROM profile_value WHERE profile = ? AND kind = ?"
            for row in try database.rows(sql, profile.hash(0), kind.rawValue) { seen.insert(row.bytes(0)) }
        }
        return seen.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    }
}

/// What a profile says beside a name; stored.
enum ProfileValue: Int {
    case email = 1
    case phone = 2
    case organisation = 3
}
