internal import GRDB
package import Objects

extension Catalog {
    /// More paths and more contents of each are not looked at.
    private static let versionCountMax = 8

    /// What was before at the paths of a file, the newest first; of that what is known.
    ///
    /// For whoever fetches it: versions of one file have much in common.
    package func olderVersions(of blob: ObjectHash) throws(ObjectError) -> [KnownObject] {
        let files: [ObjectHash] = try answerOne { database in
            let sql = """
                SELECT s.object FROM entry e JOIN file_seen s ON s.number = e.number AND s.object <> e.hash
                WHERE e.object = ? ORDER BY s.time DESC LIMIT ?
                """
            return try database.rows(sql, blob, Self.versionCountMax).compactMap { $0.hash(0) }
        }
        var versions: [KnownObject] = []
        for file in files {
            guard let bytes = try objects.localBytes(of: file), let object = try? Microdata.object(from: bytes, book),
                let content = object["content"]?.reference, content != blob,
                !versions.contains(where: { $0.hash == content }), let known = try known(content)?.object
            else { continue }
            versions.append(known)
        }
        return versions
    }
}
