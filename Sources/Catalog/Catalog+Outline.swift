internal import GRDB
package import Objects

/// The outline: what an instance tells others of the tree, for those that keep no details of it.
extension Catalog {
    /// What changed in the tree after a number, oldest first, and the number to ask for next; nothing more if it is the
    /// same.
    ///
    /// Something that changed several times is there once, as it is now.
    package func outline(
        after number: Int64,
        limit: Int
    ) throws(ObjectError) -> (items: [(number: Int64, item: OutlineItem)], next: Int64) {
        try answer { database in
            let rows = try database.rows(Self.outlineColumns, number, limit)
            let gone = try database.rows(
                "SELECT change, number FROM entry_gone WHERE change > ? ORDER BY change LIMIT ?",
                number,
                limit
            )
            var items: [(number: Int64, item: OutlineItem)] = []
            for row in rows { if let item = try Self.item(row, database) { items.append((row[0], item)) } }
            items += gone.map { ($0[0], .gone($0.number(1))) }
            // Of two lists of which one was cut no more counts than both have.
            let ends = [rows, gone].filter { $0.count == limit }.compactMap { $0.last?[0] as Int64? }
            let end = ends.min() ?? max(rows.last?[0] ?? number, gone.last?[0] ?? number)
            return (items.filter { $0.number <= end }.sorted { $0.number < $1.number }, max(end, number))
        }
    }

    /// Number, subject and content of each change of the tree.
    private static let outlineColumns = """
        SELECT e.change, e.number, e.parent, e.kind, e.base, e.original, e.time, e.hash, e.object, e.size, e.modified,
            e.subject, e.day, o.kind, t.name
        FROM entry e LEFT JOIN object o ON o.hash = e.object LEFT JOIN type t ON t.id = o.type
        WHERE e.change > ? ORDER BY e.change LIMIT ?
        """

    /// nil for what follows from the rest: folders of conversations and months.
    private static func item(_ row: StoredRow, _ database: Database) throws -> OutlineItem? {
        switch EntryKind(rawValue: row[3]) {
        case .day: try day(thread: row[11], day: row[12], database).map(OutlineItem.day)
        case .about: try people(thread: row[11], database).map(OutlineItem.people)
        case .object: try file(row, database).map(OutlineItem.file)
        case .directory:
            // A folder of files is known by what is in it; so is a conversation, which is where it is.
            row.isNull(7) || row.number(2) == FixedEntry.conversations
                ? nil : .file(file(row, in: .folder(row.number(2)), nil))
        case .link, .readme, .contact, nil: nil
        }
    }

    private static func topic(_ thread: Int64, _ database: Database) throws -> String? {
        try database.row("SELECT topic FROM thread WHERE id = ?", thread)?.text(0)
    }

    private static func day(thread: Int64, day: Int, _ database: Database) throws -> OutlineDay? {
        let sql = "SELECT messages, attachments, size, first, last FROM day WHERE thread = ? AND day = ?"
        guard let topic = try topic(thread, database), let row = try database.row(sql, thread, day) else { return nil }
        return OutlineDay(
            topic: topic,
            day: day,
            messageCount: row[0],
            attachmentCount: row[1],
            byteCount: row[2],
            first: row[3],
            last: row[4]
        )
    }

    private static func people(thread: Int64, _ database: Database) throws -> OutlinePeople? {
        guard let topic = try topic(thread, database) else { return nil }
        let sql = "SELECT person FROM participant WHERE thread = ? ORDER BY person LIMIT ?"
        let rows = try database.rows(sql, thread, OutlinePeople.personsMax)
        return OutlinePeople(topic: topic, persons: rows.compactMap { $0.hash(0).map { IDHash($0) } })
    }

    private static func file(_ row: StoredRow, _ database: Database) throws -> OutlineFile? {
        guard let hash = row.hash(8) else { return nil }
        let content = KnownObject(
            hash: hash,
            kind: ObjectKind(rawValue: row[13] ?? ObjectKind.blob.rawValue) ?? .blob,
            type: row.isNull(14) ? nil : row.text(14),
            byteCount: row[9]
        )
        guard !row.isNull(12) || !row.isNull(11) else { return file(row, in: .folder(row.number(2)), content) }
        let thread = try database.row("SELECT thread FROM message WHERE id = ?", row[11] as Int64)?[0] as Int64?
        guard let thread, let topic = try topic(thread, database) else { return nil }
        return file(row, in: .conversation(topic), content)
    }

    private static func file(_ row: StoredRow, in place: OutlineFile.Place, _ content: KnownObject?) -> OutlineFile {
        OutlineFile(
            number: row.number(1),
            place: place,
            name: row[4],
            original: row.isNull(5) ? nil : row.text(5),
            time: row[6],
            hash: row.hash(7),
            modified: Timestamp(nanoseconds: row[10]),
            content: content
        )
    }

    // MARK: Of the feed what matters to everybody

    /// Types every instance has all objects of: whom to trust, who is who, and what conversations there are.
    private static let essentialTypes: Set<String> = [
        "Topic", "Keys", "Profile", "License", "IoMRegistration", "TrustKeysCertificate",
        "RightToDeclareTrustedKeysForEverybodyCertificate", "RightToDeclareTrustedKeysForSelfCertificate",
    ]
    /// The same of ID objects.
    private static let essentialIDTypes: Set<String> = ["Person", "Instance", "ChannelInfo"]

    /// Of the changes after a number those that an instance without details needs, and the number to ask for next.
    ///
    /// From the start all at once, each with the number 0: they stand in the feed among the many others.
    package func essentials(
        after number: Int64,
        limit: Int
    ) throws(ObjectError) -> (changes: [(Int64, Change)], next: Int64) {
        if number == 0 { return try answer { try Self.allEssentials($0) } }
        let (changes, next) = try changes(after: number, limit: limit)
        return try answer { database in
            (try changes.filter { try Self.isEssential($0.1, database) }, next)
        }
    }

    private static func allEssentials(_ database: Database) throws -> (changes: [(Int64, Change)], next: Int64) {
        let last: Int64 = try database.row("SELECT max(number) FROM feed")?[0] ?? 0
        var changes: [(Int64, Change)] = []
        func add(_ rows: [StoredRow]) {
            for row in rows {
                if let object = known(row) { changes.append((0, .object(object, held: (row[4] as Int) == 1))) }
            }
        }
        let byType = objectColumns + " WHERE o.type = (SELECT id FROM type WHERE name = ?) AND o.kind = ?"
        for type in essentialIDTypes.sorted() {
            add(try database.rows(byType, StoredBytes(type), Int(ObjectKind.id.rawValue)))
        }
        for type in essentialTypes.sorted() {
            add(try database.rows(byType, StoredBytes(type), Int(ObjectKind.one.rawValue)))
        }
        for table in ["certificate", "signature"] {
            add(try database.rows(objectColumns + " JOIN \(table) s ON s.hash = o.hash"))
        }
        for row in try database.rows("SELECT id, node FROM head") {
            if let id = row.hash(0), let node = row.hash(1) { changes.append((0, .head(IDHash(id), node: node))) }
        }
        return (changes, last)
    }

    private static func isEssential(_ change: Change, _ database: Database) throws -> Bool {
        guard case .object(let object, _) = change, let type = object.type else {
            if case .head = change { return true }
            return false
        }
        switch (object.kind, type) {
        case (.id, _): return essentialIDTypes.contains(type)
        case (.one, "Signature"):
            return try database.row("SELECT 1 FROM signature WHERE hash = ?", object.hash) != nil
        case (.one, "AffirmationCertificate"):
            return try database.row("SELECT 1 FROM certificate WHERE hash = ?", object.hash) != nil
        case (.one, _): return essentialTypes.contains(type)
        default: return false
        }
    }

    // MARK: Following one

    /// Takes in what another tells of the tree.
    package func take(_ items: [OutlineItem]) throws {
        try index { indexer in
            for item in items { try indexer.take(item) }
        }
    }

    /// Up to which number another's outline was read; 0 if never.
    package func outlinePosition(of instance: String) throws(ObjectError) -> Int64 {
        try answer { try $0.row("SELECT outline FROM instance WHERE name = ?", instance)?[0] ?? 0 }
    }

    package func setOutlinePosition(_ number: Int64, of instance: String) throws {
        try write { database in
            let id = try Indexer.instance(instance, database)
            try database.run("UPDATE instance SET outline = ? WHERE id = ?", number, id)
        }
    }

    /// Objects that something already here means nothing without.
    package func awaited(limit: Int) throws(ObjectError) -> [ObjectHash] {
        try answer { database in
            let sql = "SELECT DISTINCT missing FROM waiting WHERE task IN (?, ?) LIMIT ?"
            let (object, head) = (Indexer.Task.object.rawValue, Indexer.Task.head.rawValue)
            return try database.rows(sql, object, head, limit).compactMap { $0.hash(0) }
        }
    }
}
