internal import GRDB
package import Objects

/// What is asked about objects before their bytes may go.
extension Catalog {
    /// Types of which messages are made: none of them is worked with after it was taken in.
    private static let messageTypes: Set<String> = [
        "ChatMessage", "ChatRequest", "CreationTime", "LinkedListEntry", "BlobDescriptor", "BlobCollection",
    ]
    /// What affirms messages; and registrations, which have to be shown to others.
    private static let affirmationTypes: Set<String> = ["AffirmationCertificate", "Signature"]
    /// Types of versions and what links them: all but the current ones are history.
    private static let versionPrefix = "VersionNode"
    /// More places of one object are not looked at.
    private static let pathCountMax = 64
    private static let depthMax = 256

    /// Those of these objects that this instance works with: who the owner and the members are, keys, current versions.
    ///
    /// Files and messages are not among them.
    package func needed(_ hashes: [ObjectHash]) throws(ObjectError) -> Set<ObjectHash> {
        try answer { database in
            var needed: Set<ObjectHash> = []
            var current: Set<ObjectHash>?
            for hash in hashes {
                guard let row = try database.row(Self.objectColumns + " WHERE o.hash = ?", hash),
                    let object = Self.known(row)
                else { continue }
                switch (object.kind, object.type) {
                case (.clob, _), (.blob, _): break
                case (.one, let type?) where Self.messageTypes.contains(type): break
                case (.one, let type?) where Self.affirmationTypes.contains(type):
                    if try Self.affirmsRegistration(hash, database) { needed.insert(hash) }
                case (.one, let type?) where type.hasPrefix(Self.versionPrefix) || book[type]?.isVersioned == true:
                    let all = try current ?? Self.currentVersions(database)
                    current = all
                    if all.contains(hash) { needed.insert(hash) }
                default: needed.insert(hash)
                }
            }
            return needed
        }
    }

    private static func affirmsRegistration(_ hash: ObjectHash, _ database: Database) throws -> Bool {
        let sql = """
            SELECT 1 FROM certificate c LEFT JOIN signature s ON s.certificate = c.hash
            WHERE c.kind = ? AND (c.hash = ? OR s.hash = ?) LIMIT 1
            """
        return try database.row(sql, CertificateKind.registration.rawValue, hash, hash) != nil
    }

    /// Heads, and what they are versions of.
    private static func currentVersions(_ database: Database) throws -> Set<ObjectHash> {
        var current: Set<ObjectHash> = []
        try database.forEachRow("SELECT node, data FROM head") { row in
            for hash in [row.hash(0), row.hash(1)] { if let hash { current.insert(hash) } }
        }
        return current
    }

    /// Count and bytes of the objects that are with this instance and, as far as is known, neither here nor anywhere
    /// else.
    package func onlyCopies(at instance: String) throws(ObjectError) -> (count: Int, byteCount: Int) {
        try answer { database in
            let sql = """
                SELECT count(*), coalesce(sum(o.size), 0) FROM instance i JOIN holder h ON h.instance = i.id
                JOIN object o ON o.hash = h.hash AND o.held = 0
                WHERE i.name = ? AND NOT EXISTS (
                    SELECT 1 FROM holder other WHERE other.hash = h.hash AND other.instance <> h.instance)
                """
            let row = try database.row(sql, instance)
            return (row?[0] ?? 0, row?[1] ?? 0)
        }
    }

    /// Where an object is in the tree: paths from its top, without a slash before.
    package func paths(of hash: ObjectHash) throws(ObjectError) -> [String] {
        try answer { database in
            let sql = "SELECT parent, name FROM entry WHERE object = ? LIMIT ?"
            return try database.rows(sql, hash, Self.pathCountMax).map { row in
                var components: [String] = [row[1]]
                var parent: Int64 = row[0]
                while parent != FixedEntry.root.stored, components.count < Self.depthMax,
                    let above = try database.row("SELECT parent, name FROM entry WHERE number = ?", parent)
                {
                    components.append(above[1])
                    parent = above[0]
                }
                return components.reversed().joined(separator: "/")
            }
        }
    }
}
