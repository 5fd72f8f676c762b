internal import GRDB
package import Objects

extension Catalog: TreeReader {
    /// Columns of an entry, with what of its object is here.
    private static let wholeColumns = """
        SELECT e.number, e.parent, e.name, e.kind, e.object, e.target, e.size, e.modified, o.held, 0
        FROM entry e LEFT JOIN object o ON o.hash = e.object
        """
    /// The same where the messages of a day may be elsewhere.
    private static let sparseColumns = """
        SELECT e.number, e.parent, e.name, e.kind, e.object, e.target, e.size, e.modified, o.held, d.told
        FROM entry e LEFT JOIN object o ON o.hash = e.object
            LEFT JOIN day d ON e.kind = 5 AND d.thread = e.subject AND d.day = e.day
        """

    private var columns: String { isSparse ? Self.sparseColumns : Self.wholeColumns }

    package func entry(_ number: EntryNumber) throws(ObjectError) -> Entry {
        try answerOne { database in
            try Self.entry(database.row(columns + " WHERE e.number = ?", number.stored))
        }
    }

    package func entry(named name: String, in directory: EntryNumber) throws(ObjectError) -> Entry {
        if name.utf8.contains(0) { throw .unknown }
        return try answerOne { database in
            let current = columns + " WHERE e.parent = ? AND e.name = ?"
            if let row = try database.row(current, directory.stored, name) { return try Self.entry(row) }
            let former = columns + " WHERE e.number = (SELECT number FROM alias WHERE parent = ? AND name = ?)"
            return try Self.entry(database.row(former, directory.stored, name))
        }
    }

    package func entries(
        in directory: EntryNumber,
        after: EntryNumber?,
        limit: Int
    ) throws(ObjectError) -> [Entry] {
        try answerOne { database in
            let sql = columns + " WHERE e.parent = ? AND e.number > ? ORDER BY e.number LIMIT ?"
            return try database.rows(sql, directory.stored, after?.stored ?? 0, limit).map(Self.entry)
        }
    }

    package func document(_ number: EntryNumber) throws(ObjectError) -> [UInt8] {
        try answer { database in
            let sql = "SELECT kind, subject, day, hash FROM entry WHERE number = ?"
            guard let row = try database.row(sql, number.stored) else { throw ObjectError.unknown }
            let documents = Documents(database: database, owner: self.owner)
            switch EntryKind(rawValue: row[0]) {
            case .readme: return Array(ReadmeText.text.utf8)
            case .about: return Array(AboutText.text(try documents.conversation(thread: row[1])).utf8)
            case .day:
                let sql = "SELECT told FROM day WHERE thread = ? AND day = ?"
                let isTold = try database.row(sql, row[1] as Int64, row[2] as Int)?[0] as Int? == 1
                guard !isTold else { throw ObjectError.unreachable }
                return try documents.day(thread: row[1], day: row[2])
            case .contact:
                guard let someone = row.hash(3) else { throw ObjectError.unknown }
                return Array(ContactCard.text(try documents.contact(IDHash(someone))).utf8)
            case .directory, .object, .link, nil: throw ObjectError.unknown
            }
        }
    }

    package func places(of hash: ObjectHash) throws(ObjectError) -> [EntryNumber] {
        try answerOne { database in
            try database.rows("SELECT number FROM entry WHERE object = ? ORDER BY number", hash).map { $0.number(0) }
        }
    }

    package func originalName(of number: EntryNumber) throws(ObjectError) -> String? {
        try answerOne { database in
            let row = try database.row("SELECT original FROM entry WHERE number = ?", number.stored)
            guard let row else { throw ObjectError.unknown }
            return row.isNull(0) ? nil : row.text(0)
        }
    }

    package func changes() -> AsyncStream<[TreeChange]> { watchers.treeChanges() }

    private static func entry(_ row: StoredRow?) throws -> Entry {
        guard let row, let kind = EntryKind(rawValue: row[3]) else { throw ObjectError.unknown }
        let byteCount: Int = row[6]
        let isHeld = (row[8] as Int?) == 1
        var entry = Entry(
            number: row.number(0),
            parent: row.number(1),
            name: row[2],
            kind: .document,
            byteCount: byteCount,
            modified: Timestamp(nanoseconds: row[7]),
            localByteCount: byteCount
        )
        switch kind {
        case .directory: entry.kind = .directory
        case .link: entry.kind = .link(row[5])
        case .object:
            guard let hash = row.hash(4) else { throw ObjectError.unknown }
            entry.kind = .object(hash)
            entry.localByteCount = isHeld ? byteCount : 0
        case .day: if (row[9] as Int?) == 1 { entry.localByteCount = 0 }
        case .readme, .about, .contact: break
        }
        return entry
    }
}
