internal import GRDB
package import Objects

/// Objects picked without looking at all of them.
extension Catalog {
    /// The objects that are said to be here, in order of hash from this one on, with what is known of them.
    package func heldObjects(from hash: ObjectHash?, limit: Int) throws(ObjectError) -> [KnownObject] {
        try answerOne { database in
            let sql = Self.objectColumns + " WHERE o.held = 1 AND o.hash >= ? ORDER BY o.hash LIMIT ?"
            let start = hash.map { StoredBytes($0.bytes) } ?? StoredBytes([])
            return try database.rows(sql, start, limit).compactMap(Self.known)
        }
    }
}
