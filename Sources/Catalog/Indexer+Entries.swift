internal import GRDB
internal import Objects

extension Indexer {
    /// Makes the tree have this entry.
    ///
    /// Its name is settled later, together with those that want the same.
    mutating func put(_ entry: StoredEntry) throws {
        guard let before = try StoredEntry.find(entry.number, database) else { return try insert(entry) }
        guard before.parent == entry.parent, before.kind == entry.kind else {
            try remove(entry.number)
            return try insert(entry)
        }
        guard !entry.isSame(as: before) else { return }
        if Self.outlineKinds.contains(entry.kind) { movedEntries.insert(entry.number) }
        if let former = before.object, former != entry.object { try noteSuperseded([former], isHistory: false) }
        try database.run(
            """
            UPDATE entry SET base = ?, time = ?, hash = ?, object = ?, target = ?, size = ?, modified = ?, original = ?,
                subject = ?, day = ?
            WHERE number = ?
            """,
            entry.base,
            entry.time,
            entry.hash,
            entry.object,
            entry.target,
            entry.byteCount,
            entry.modified.nanoseconds,
            entry.original.map { StoredBytes($0) },
            entry.subject,
            entry.day,
            entry.number.stored
        )
        if entry.ranksOther(than: before) {
            dirtyGroups.insert(GroupKey(parent: entry.parent, base: Array(before.base.utf8)))
            dirtyGroups.insert(GroupKey(parent: entry.parent, base: Array(entry.base.utf8)))
        }
        if entry.looksOther(than: before) { treeChanges.insert(.content(entry.number)) }
        if entry.modified != before.modified { dirtyDirectories.insert(entry.parent) }
    }

    private mutating func insert(_ entry: StoredEntry) throws {
        if Self.outlineKinds.contains(entry.kind) { movedEntries.insert(entry.number) }
        let twin = try database.row(Self.wanting("1"), entry.parent.stored, entry.base)
        var name = Self.placeholder(entry.number)
        if twin == nil {
            name = EntryName.names(wanting: entry.base, [claim(entry)])[entry.number] ?? name
            treeChanges.insert(.name(name, in: entry.parent))
        } else {
            dirtyGroups.insert(GroupKey(parent: entry.parent, base: Array(entry.base.utf8)))
        }
        try database.run(
            """
            INSERT INTO entry (number, parent, kind, base, time, hash, object, target, size, modified, original, subject,
                day, name)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            entry.number.stored,
            entry.parent.stored,
            entry.kind.rawValue,
            entry.base,
            entry.time,
            entry.hash,
            entry.object,
            entry.target,
            entry.byteCount,
            entry.modified.nanoseconds,
            entry.original.map { StoredBytes($0) },
            entry.subject,
            entry.day,
            name
        )
        dirtyDirectories.insert(entry.parent)
    }

    /// Takes an entry out of the tree, with everything below it.
    mutating func remove(_ number: EntryNumber) throws {
        var open = [number]
        while let number = open.popLast() {
            let sql = "SELECT parent, name, base, kind, object FROM entry WHERE number = ?"
            guard let row = try database.row(sql, number.stored) else { continue }
            if EntryKind(rawValue: row[3]).map(Self.outlineKinds.contains) == true { goneEntries.insert(number) }
            if let object = row.hash(4) { try noteSuperseded([object], isHistory: false) }
            for child in try database.rows("SELECT number FROM entry WHERE parent = ?", number.stored) {
                open.append(child.number(0))
            }
            let base: String = row[2]
            treeChanges.insert(.name(row[1], in: row.number(0)))
            dirtyGroups.insert(GroupKey(parent: row.number(0), base: Array(base.utf8)))
            dirtyDirectories.insert(row.number(0))
            try database.run("DELETE FROM entry WHERE number = ?", number.stored)
        }
    }

    /// Gives all that want the same name theirs; the names they had go on resolving.
    mutating func settleNames() throws {
        let groups = dirtyGroups
        dirtyGroups = []
        for group in groups { try settle(group) }
    }

    /// A query of all in a directory (?1) that want the same name (?2): the one that has it, and those with another.
    private static func wanting(_ columns: String) -> String {
        """
        SELECT \(columns) FROM entry WHERE parent = ?1 AND name = ?2 AND base = ?2
        UNION ALL SELECT \(columns) FROM entry WHERE parent = ?1 AND base = ?2 AND base <> name
        """
    }

    private mutating func settle(_ group: GroupKey) throws {
        let base = String(decoding: group.base, as: UTF8.self)
        let rows = try database.rows(
            Self.wanting("number, time, hash, name, subject, kind"),
            group.parent.stored,
            base
        )
        let claims = rows.map { NameClaim(number: $0.number(0), time: $0[1], hash: $0.hash(2) ?? Self.noHash) }
        let names = EntryName.names(wanting: base, claims)
        var renamed: [(number: EntryNumber, name: String)] = []
        for row in rows {
            let (number, before) = (row.number(0), row[3] as String)
            guard let name = names[number], !name.utf8.elementsEqual(before.utf8) else { continue }
            renamed.append((number, name))
            try setName(Self.placeholder(number), of: number)
            try noteRenamed(number, from: before, in: group.parent)
            if (row[5] as Int) == EntryKind.object.rawValue, let message = row[4] as Int64? {
                dirtyBodies.insert(message)
            }
        }
        for (number, name) in renamed {
            try setName(name, of: number)
            treeChanges.insert(.name(name, in: group.parent))
        }
    }

    /// Sets a name; were it taken by a chance of one in 2^32 or by design, the number makes it unique.
    private func setName(_ name: String, of number: EntryNumber) throws {
        try database.run("UPDATE OR IGNORE entry SET name = ? WHERE number = ?", name, number.stored)
        guard database.changesCount == 0 else { return }
        let digits = String(number, radix: 16)
        let unique = EntryName.cut(name, extension: " ~" + digits, byteCount: EntryName.byteCountMax)
        try database.run("UPDATE entry SET name = ? WHERE number = ?", unique, number.stored)
    }

    private mutating func noteRenamed(_ number: EntryNumber, from name: String, in parent: EntryNumber) throws {
        guard name.utf8.first != UInt8(ascii: "/") else { return }
        try database.run(
            "INSERT OR REPLACE INTO alias (parent, name, number) VALUES (?, ?, ?)",
            parent.stored,
            name,
            number.stored
        )
        treeChanges.insert(.name(name, in: parent))
    }

    /// The modification time of a directory is that of its newest entry (design 8), from the bottom up.
    mutating func dateDirectories() throws {
        var levels: [Int: Set<EntryNumber>] = [:]
        for directory in dirtyDirectories { levels[try depth(of: directory), default: []].insert(directory) }
        dirtyDirectories = []
        guard let deepest = levels.keys.max() else { return }
        for level in stride(from: deepest, through: 0, by: -1) {
            for directory in levels[level] ?? [] {
                guard let parent = try date(directory), level > 0 else { continue }
                levels[level - 1, default: []].insert(parent)
            }
        }
    }

    /// Sets the time of a directory.
    ///
    /// - Returns: the directory it is in, if the time is another than before.
    private mutating func date(_ directory: EntryNumber) throws -> EntryNumber? {
        let newest = try database.row(
            "SELECT modified FROM entry WHERE parent = ? ORDER BY modified DESC LIMIT 1",
            directory.stored
        )
        let modified = newest?[0] as Int64? ?? 0
        let row = try database.row("SELECT modified, parent FROM entry WHERE number = ?", directory.stored)
        guard let row, row[0] as Int64 != modified else { return nil }
        try database.run("UPDATE entry SET modified = ? WHERE number = ?", modified, directory.stored)
        treeChanges.insert(.content(directory))
        return row.number(1)
    }

    private func depth(of number: EntryNumber) throws -> Int {
        var (depth, current) = (0, number)
        while current != FixedEntry.root, depth < Self.directoryDepthMax,
            let row = try database.row("SELECT parent FROM entry WHERE number = ?", current.stored)
        {
            (depth, current) = (depth + 1, row.number(0))
        }
        return depth
    }

    /// Folders nested deeper than this are not shown.
    static let directoryDepthMax = 64

    private static let noHash = ObjectHash(of: [UInt8]())

    private func claim(_ entry: StoredEntry) -> NameClaim {
        NameClaim(number: entry.number, time: entry.time, hash: entry.hash ?? Self.noHash)
    }

    /// What an entry is called until its name is settled: no name, as it has a slash.
    private static func placeholder(_ number: EntryNumber) -> String { "/\(number)" }
}
