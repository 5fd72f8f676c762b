internal import GRDB
internal import Objects

/// Taking in an outline, and numbering what one tells.
extension Indexer {
    mutating func take(_ item: OutlineItem) throws {
        switch item {
        case .day(let day): try take(day)
        case .people(let people): try take(people)
        case .file(let file): try take(file)
        case .gone(let number): try takeGone(number)
        }
    }

    /// What is counted from messages that are here is right, as long as none is missing and all were judged by the same
    /// signatures.
    private mutating func take(_ day: OutlineDay) throws {
        let thread = try thread(Array(day.topic.utf8))
        let sql = "SELECT messages, size FROM day WHERE thread = ? AND day = ? AND told = 0"
        if let row = try database.row(sql, thread, day.day) {
            let (count, byteCount) = (row[0] as Int, row[1] as Int)
            if count > day.messageCount || (count == day.messageCount && byteCount == day.byteCount) { return }
        }
        try database.run(
            """
            INSERT OR REPLACE INTO day (thread, day, messages, attachments, size, first, last, told)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1)
            """,
            thread,
            day.day,
            day.messageCount,
            day.attachmentCount,
            day.byteCount,
            day.first,
            day.last
        )
        dirtyDays.insert(DayKey(thread: thread, day: day.day))
    }

    private mutating func take(_ people: OutlinePeople) throws {
        let thread = try thread(Array(people.topic.utf8))
        try database.run("DELETE FROM told_person WHERE thread = ?", thread)
        for person in people.persons {
            try database.run("INSERT OR IGNORE INTO told_person (thread, person) VALUES (?, ?)", thread, person)
        }
        dirtyThreads.insert(thread)
    }

    private mutating func take(_ file: OutlineFile) throws {
        let before = try StoredEntry.find(file.number, database)
        let parent: EntryNumber
        switch file.place {
        case .folder(let number): parent = number
        case .conversation(let topic):
            let thread = try thread(try thread(Array(topic.utf8)))
            parent = try month(of: CivilTime(milliseconds: file.time), thread)
        }
        var entry = StoredEntry(file.number, in: parent, file.content == nil ? .directory : .object)
        entry.base = EntryName.file(file.name)
        (entry.original, entry.time, entry.hash) = (file.original, file.time, file.hash)
        (entry.object, entry.byteCount) = (file.content?.hash, file.content?.byteCount ?? 0)
        // A folder is as new as its newest entry.
        entry.modified = file.content == nil ? before?.modified ?? file.modified : file.modified
        entry.subject = before?.subject
        if let content = file.content { try noteTold(content) }
        try put(entry)
    }

    private mutating func takeGone(_ number: EntryNumber) throws {
        guard let entry = try StoredEntry.find(number, database), entry.kind == .object || entry.kind == .directory,
            entry.subject == nil, number >= FixedEntry.firstFree
        else { return }
        try remove(number)
    }

    /// An object that somebody else has.
    ///
    /// It is no news for anybody who follows this instance's feed.
    mutating func noteTold(_ object: KnownObject) throws {
        try database.run(
            "INSERT OR IGNORE INTO object (hash, kind, type, size, held) VALUES (?, ?, ?, ?, 0)",
            object.hash,
            Int(object.kind.rawValue),
            try typeID(object.type),
            object.byteCount
        )
        if database.changesCount > 0 { count(1, object.byteCount, held: 0) }
    }

    // MARK: Giving one

    /// Kinds of entries that an outline tells of.
    static let outlineKinds: Set<EntryKind> = [.directory, .object, .day, .about]

    /// Gives what changed in the tree its numbers.
    mutating func numberOutline() throws {
        guard catalog.givesOutline, !movedEntries.isEmpty || !goneEntries.isEmpty else { return }
        // Kept by itself: the entry with the highest number may be one that goes.
        let last = try Meta.value(Self.outlineNumber, database)
        var number = try last.map { $0.reduce(Int64(0)) { $0 << 8 | Int64($1) } } ?? highestChange()
        for entry in goneEntries.sorted() {
            number += 1
            try database.run("INSERT INTO entry_gone (change, number) VALUES (?, ?)", number, entry.stored)
        }
        for entry in movedEntries.sorted() {
            number += 1
            try database.run("UPDATE entry SET change = ? WHERE number = ?", number, entry.stored)
        }
        (movedEntries, goneEntries) = ([], [])
        try Meta.set(Self.outlineNumber, withUnsafeBytes(of: number.bigEndian) { Array($0) }, database)
        feedGrew = true
    }

    private static let outlineNumber = "outline"

    private func highestChange() throws -> Int64 {
        try database.row("SELECT max(change) FROM entry WHERE change IS NOT NULL")?[0] ?? 0
    }
}
