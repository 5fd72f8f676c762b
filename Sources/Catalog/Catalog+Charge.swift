internal import GRDB
internal import Glibc
package import Objects

extension Catalog {
    /// What the objects that are here and the heads take on the disk, in bytes of whole blocks; the cost does not grow with
    /// them.
    package func chargedByteCount() throws(ObjectError) -> Int {
        let (objects, heads) = try chargedByteCounts()
        return objects + heads
    }

    /// The same, apart.
    package func chargedByteCounts() throws(ObjectError) -> (objects: Int, heads: Int) {
        try answerOne { database in
            guard let row = try database.row("SELECT held_charge, heads FROM total") else { return (0, 0) }
            return (row[0], (row[1] as Int) * Allocation.blockByteCount)
        }
    }

    /// The part of it that is of objects.
    package func objectsChargedByteCount() throws(ObjectError) -> Int {
        try answerOne { try $0.row("SELECT held_charge FROM total")?[0] ?? 0 }
    }

    /// How many objects are here.
    package func heldCount() throws(ObjectError) -> Int {
        try answerOne { try $0.row("SELECT held_count FROM total")?[0] ?? 0 }
    }

    /// What the journal may grow by before it begins anew: SQLite carries it over to the file at 1,000 pages
    /// (sqlite.org/pragma.html, "wal_autocheckpoint") and keeps its size.
    package var journalGrowthMax: Int {
        guard let journal else { return 0 }
        var status = stat()
        let byteCount = stat(journal, &status) == 0 ? Int(status.st_size) : 0
        return max(0, Self.journalByteCountMax - byteCount)
    }

    private static let journalByteCountMax = 1000 * (4096 + 24) + 32
}
