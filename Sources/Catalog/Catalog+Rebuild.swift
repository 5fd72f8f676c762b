internal import GRDB
package import Objects

/// A catalog being made again: takes all objects on this disk, and all heads, in any order.
package final class Rebuild {
    /// How far it has come, for whoever goes on: the first byte of the last object, or the step and the last hash of it.
    fileprivate static let progressKey = "rebuilding"

    private let catalog: Catalog
    /// So many are written in one transaction.
    private let batchCount: Int
    private let progress: (Int) -> Void
    private var objects: [KnownObject] = []
    private var heads: [(IDHash, ObjectHash)] = []
    private var count = 0
    private let done: [UInt8]
    private var step: UInt8 = 0

    init(_ catalog: Catalog, done: [UInt8], batchCount: Int, progress: @escaping (Int) -> Void) {
        (self.catalog, self.done, self.batchCount, self.progress) = (catalog, done, batchCount, progress)
    }

    /// Objects whose hash starts with less were added before it was interrupted.
    package var firstPrefix: UInt8 { done.count > 1 ? .max : done.first ?? 0 }

    /// Adds an object whose bytes are here; in order of the hash.
    package func add(_ object: KnownObject) throws {
        objects.append(object)
        if objects.count >= batchCount { try flush() }
    }

    /// Adds a head.
    package func add(head node: ObjectHash, of id: IDHash) { heads.append((id, node)) }

    private func flush() throws {
        guard let last = objects.last else { return }
        try catalog.index { indexer in
            let before = try indexer.reserveChanges(objects.count)
            for (place, object) in objects.enumerated() {
                _ = try indexer.note(object, held: true, by: nil, number: before + Int64(place) + 1)
            }
            if done.count <= 1 { try Meta.set(Self.progressKey, [last.hash[0]], indexer.database) }
        }
        count += objects.count
        objects = []
        progress(count)
    }

    /// Looks into the objects, those first that others are judged by.
    fileprivate func finish() throws {
        try flush()
        try look(at: "Person", kind: .id)
        for type in ["Keys", "Profile", "Signature"] { try look(at: type, kind: .one) }
        for start in stride(from: 0, to: heads.count, by: batchCount) {
            let batch = heads[start..<min(start + batchCount, heads.count)]
            try catalog.index { indexer in
                for (id, node) in batch { try indexer.note(head: node, of: id) }
            }
        }
        for type in ["Topic", "ChannelInfo"] { try look(at: type, kind: .one) }
        progress(count)
    }

    private func look(at type: String, kind: ObjectKind) throws {
        step += 1
        guard done.count <= 1 || done[0] <= step else { return }
        var last = StoredBytes(done.count > 1 && done[0] == step ? Array(done[1...]) : [])
        while true {
            let batch = try catalog.database.read { database in
                try database.rows(
                    """
                    SELECT hash FROM object WHERE type = (SELECT id FROM type WHERE name = ?) AND kind = ? AND hash > ?
                    ORDER BY hash LIMIT ?
                    """,
                    StoredBytes(type),
                    Int(kind.rawValue),
                    last,
                    batchCount
                ).compactMap { $0.hash(0) }
            }
            guard let end = batch.last else { return }
            last = StoredBytes(end.bytes)
            try catalog.index { indexer in
                for hash in batch {
                    try indexer.arrive(KnownObject(hash: hash, kind: kind, type: type, byteCount: 0))
                }
                try Meta.set(Self.progressKey, [step] + end.bytes, indexer.database)
            }
        }
    }
}

extension Catalog {
    /// Makes the catalog again from nothing: `feed` adds every object on this disk and every head.
    ///
    /// What peers said is forgotten too, so their feeds have to be read from the start; names, numbers, sizes and times
    /// come out the same. `progress` is called with the number of objects taken in so far.
    /// One that was interrupted goes on where it was.
    package func rebuild(
        batchCount: Int = 8192,
        progress: @escaping (Int) -> Void = { _ in },
        _ feed: (Rebuild) throws -> Void
    ) throws {
        let done = try database.read { try Meta.value(Rebuild.progressKey, $0) }
        if done == nil { try clear() }
        let rebuild = Rebuild(self, done: done ?? [], batchCount: batchCount, progress: progress)
        try feed(rebuild)
        try rebuild.finish()
        try markComplete()
    }

    /// Forgets everything but what happened and which files were found good.
    private func clear() throws {
        try write { database in
            let kept: Set<String> = ["event", "grdb_migrations", "verdict"]
            let tables = try String.fetchAll(
                database,
                sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            for table in tables where !kept.contains(table) { try database.execute(sql: "DELETE FROM \(table)") }
            if let owner { try Meta.set("owner", owner.objectHash.bytes, database) }
            try Meta.set("generation", SystemRandom().bytes(16), database)
            try Meta.set(Rebuild.progressKey, [], database)
            try Schema.makeFixedEntries(database)
        }
    }

    /// Says that everything on this disk was fed to it: from now on it is kept up to date.
    package func markComplete() throws {
        try write { database in
            try Meta.set("complete", [1], database)
            try Meta.set("sparse", isSparse ? [1] : nil, database)
            try Meta.set(Rebuild.progressKey, nil, database)
        }
    }

    /// Reads the whole file, which takes a while where it is large; if it is damaged, the next start makes it anew.
    package func checkFile() throws -> Bool {
        if try database.read(CatalogFile.isSound) { return true }
        try write { try Meta.set("complete", nil, $0) }
        return false
    }
}
