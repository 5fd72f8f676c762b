internal import GRDB
package import Objects

extension Catalog {
    static let objectColumns = """
        SELECT o.hash, o.kind, t.name, o.size, o.held FROM object o LEFT JOIN type t ON t.id = o.type
        """

    package func known(_ hash: ObjectHash) throws(ObjectError) -> (object: KnownObject, held: Bool)? {
        try answerOne { database in
            guard let row = try database.row(Self.objectColumns + " WHERE o.hash = ?", hash),
                let object = Self.known(row)
            else { return nil }
            return (object, (row[4] as Int) == 1)
        }
    }

    package func objects(prefix: UInt8, after: ObjectHash?, limit: Int) throws(ObjectError) -> [KnownObject] {
        try answerOne { database in
            let first = StoredBytes([prefix] + [UInt8](repeating: 0, count: ObjectHash.byteCount - 1))
            let last = StoredBytes([prefix] + [UInt8](repeating: 0xFF, count: ObjectHash.byteCount - 1))
            guard let after else {
                let sql = Self.objectColumns + " WHERE o.hash BETWEEN ? AND ? ORDER BY o.hash LIMIT ?"
                return try database.rows(sql, first, last, limit).compactMap(Self.known)
            }
            let sql = Self.objectColumns + " WHERE o.hash > ? AND o.hash BETWEEN ? AND ? ORDER BY o.hash LIMIT ?"
            return try database.rows(sql, after, first, last, limit).compactMap(Self.known)
        }
    }

    package func holders(of hash: ObjectHash) throws(ObjectError) -> [String] {
        try answerOne { database in
            let sql = """
                SELECT i.name FROM holder h JOIN instance i ON i.id = h.instance WHERE h.hash = ? ORDER BY i.name
                """
            return try database.rows(sql, hash).map { $0[0] }
        }
    }

    /// Type names that are safe as names of directories; no other can be listed.
    package func types() throws(ObjectError) -> [String] {
        try answerOne { database in
            let sql = """
                SELECT name FROM type t
                WHERE EXISTS (SELECT 1 FROM object o WHERE o.type = t.id AND o.kind = 0) ORDER BY name
                """
            return try database.rows(sql).map { $0.text(0) }.filter {
                EntryName.title($0).utf8.elementsEqual($0.utf8)
            }
        }
    }

    package func objects(type: String, after: ObjectHash?, limit: Int) throws(ObjectError) -> [KnownObject] {
        try answerOne { database in
            let sql =
                Self.objectColumns + """
                     WHERE o.type = (SELECT id FROM type WHERE name = ?) AND o.kind = 0 AND o.hash > ? ORDER BY o.hash LIMIT ?
                    """
            let start = after.map { StoredBytes($0.bytes) } ?? StoredBytes([])
            return try database.rows(sql, StoredBytes(type), start, limit).compactMap(Self.known)
        }
    }

    /// Compares with what a store has: of the hashes that start with this byte, those that are there and not noted as
    /// held, and those that are noted and not there.
    ///
    /// After a power cut the catalog may lack its last changes; what is in the store is what counts.
    package func differences(
        prefix: UInt8,
        present: Set<ObjectHash>
    ) throws(ObjectError) -> (unnoted: [ObjectHash], gone: [ObjectHash]) {
        try answerOne { database in
            let rest = ObjectHash.byteCount - 1
            let rows = try database.rows(
                "SELECT hash FROM object WHERE hash BETWEEN ? AND ? AND held = 1",
                StoredBytes([prefix] + [UInt8](repeating: 0, count: rest)),
                StoredBytes([prefix] + [UInt8](repeating: 0xFF, count: rest))
            )
            let noted = Set(rows.compactMap { $0.hash(0) })
            return (present.subtracting(noted).sorted(), noted.subtracting(present).sorted())
        }
    }

    static func known(_ row: StoredRow) -> KnownObject? {
        guard let hash = row.hash(0), let kind = ObjectKind(rawValue: row[1]) else { return nil }
        return KnownObject(hash: hash, kind: kind, type: row.isNull(2) ? nil : row.text(2), byteCount: row[3])
    }
}
