internal import GRDB
internal import Objects

/// An entry as the table has it: what it wants to be called, and what decides when others want the same.
struct StoredEntry {
    let number: EntryNumber
    let parent: EntryNumber
    let kind: EntryKind
    /// The safe name it has if no other has it.
    var base = ""
    /// Order among those that want the same name: time in milliseconds since 1970, then hash.
    var time = 0.0
    var hash: ObjectHash?
    /// The object whose bytes a file has.
    var object: ObjectHash?
    var target: String?
    var byteCount = 0
    var modified = Timestamp(nanoseconds: 0)
    /// The name before it was made safe, where it differs.
    var original: String?
    /// The row this is about, by kind; for an object the message it is attached to.
    var subject: Int64?
    var day: Int?

    init(_ number: EntryNumber, in parent: EntryNumber, _ kind: EntryKind) {
        (self.number, self.parent, self.kind) = (number, parent, kind)
    }

    init(_ row: StoredRow) throws {
        guard let kind = EntryKind(rawValue: row[2]) else { throw ObjectError.unknown }
        self.init(row.number(0), in: row.number(1), kind)
        (base, time, hash, object) = (row[3], row[4], row.hash(5), row.hash(6))
        (target, byteCount, modified) = (row[7], row[8], Timestamp(nanoseconds: row[9]))
        original = row.isNull(10) ? nil : row.text(10)
        (subject, day) = (row[11], row[12])
    }

    static let columns = """
        number, parent, kind, base, time, hash, object, target, size, modified, original, subject, day
        """

    static func find(_ number: EntryNumber, _ database: Database) throws -> StoredEntry? {
        try database.row("SELECT \(columns) FROM entry WHERE number = ?", number.stored).map { try StoredEntry($0) }
    }

    /// Whether the kernel would see another file.
    func looksOther(than other: StoredEntry) -> Bool {
        object != other.object || target != other.target || byteCount != other.byteCount || modified != other.modified
    }

    /// Whether its name may be another.
    func ranksOther(than other: StoredEntry) -> Bool {
        !base.utf8.elementsEqual(other.base.utf8) || time != other.time || hash != other.hash
    }

    func isSame(as other: StoredEntry) -> Bool {
        !looksOther(than: other) && !ranksOther(than: other) && subject == other.subject && day == other.day
            && original.map { Array($0.utf8) } == other.original.map { Array($0.utf8) }
    }
}
