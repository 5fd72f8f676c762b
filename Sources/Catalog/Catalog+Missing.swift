internal import GRDB
package import Objects

extension Catalog {
    /// Up to `limit` objects that are not here and that an instance said it holds, in order, after this one.
    package func missing(heldBy instance: String, after: ObjectHash?, limit: Int) throws(ObjectError) -> [ObjectHash] {
        try answer { database in
            let sql = """
                SELECT h.hash FROM holder h JOIN object o ON o.hash = h.hash
                WHERE h.instance = (SELECT id FROM instance WHERE name = ?) AND o.held = 0 AND h.hash > ?
                ORDER BY h.hash LIMIT ?
                """
            let start = after.map { StoredBytes($0.bytes) } ?? StoredBytes([])
            return try database.rows(sql, instance, start, limit).compactMap { $0.hash(0) }
        }
    }
}
