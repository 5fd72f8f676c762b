internal import GRDB
internal import Objects

/// Names of persons nobody here has met: in a group others write, too, and their profiles come along with what they say.
///
/// Whoever gave such a profile may have made it up. It names its person and nothing else, and not as somebody who is
/// known is named.
extension Indexer {
    /// Digits of the hash behind a name that somebody else has.
    private static let digitCount = 8

    /// What a profile that came along says a person is called: the person's own before those of others; nil: there is
    /// none, or the person is somebody the owner knows.
    func heardName(of person: IDHash) throws -> String? {
        guard try database.row("SELECT 1 FROM identity WHERE person = ?", person) == nil else { return nil }
        let sql = """
            SELECT name FROM profile_version WHERE person = ? AND name IS NOT NULL
            ORDER BY owner = person DESC, hash LIMIT 1
            """
        guard let name = try database.row(sql, person)?.text(0), !name.isEmpty else { return nil }
        return try isTaken(name, before: person) ? "\(name) ~\(person.hex.prefix(Self.digitCount))" : name
    }

    /// All names that came along for a person.
    func heardNames(of person: IDHash) throws -> [String] {
        try database.rows("SELECT name FROM profile_version WHERE person = ? AND name IS NOT NULL", person).map {
            $0.text(0)
        }
    }

    /// Persons for whom one of these names came along.
    func namesakes(of names: [String]) throws -> Set<IDHash> {
        var persons: Set<IDHash> = []
        for name in Set(names) {
            let sql = "SELECT DISTINCT person FROM profile_version WHERE name = ?"
            let rows = try database.rows(sql, StoredBytes(name))
            persons.formUnion(rows.compactMap { $0.hash(0).map { IDHash($0) } })
        }
        return persons
    }

    /// Whether somebody who is known has this name, or somebody else who is not and comes first.
    private func isTaken(_ name: String, before person: IDHash) throws -> Bool {
        let known = "SELECT 1 FROM identity i JOIN person p ON p.id = i.person WHERE p.name = ? AND p.id <> ? LIMIT 1"
        if try database.row(known, StoredBytes(name), person) != nil { return true }
        let heard = """
            SELECT 1 FROM profile_version v WHERE v.name = ? AND v.person < ?
            AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.person = v.person) LIMIT 1
            """
        return try database.row(heard, StoredBytes(name), person) != nil
    }
}
