internal import GRDB
package import Objects

extension Catalog {
    /// Takes in what this instance has come to know, or what another says in its feed, in one transaction.
    ///
    /// Objects may come in any order, before or after what refers to them, and more than once. A head is taken as it is:
    /// whether it is newer than the one before is the caller's to know.
    /// `source` is the instance whose feed this is; nil for what happened here. `contents` are bytes of objects of which
    /// the caller knows that they are here: they are not read from the store again.
    package func record(
        _ changes: [Change],
        from source: String? = nil,
        contents: [ObjectHash: [UInt8]] = [:]
    ) throws {
        try index(contents) { indexer in
            let instance = try source.map { try Indexer.instance($0, indexer.database) }
            var here: [KnownObject] = []
            var elsewhere: [ObjectHash] = []
            // Numbered in the order in which they were told of: what refers to others comes after them.
            let before = try indexer.reserveChanges(changes.count)
            for (place, object, held) in Self.ordered(changes) {
                let news = try indexer.note(object, held: held, by: instance, number: before + Int64(place) + 1)
                if news.isHere { here.append(object) } else if news.isNew { elsewhere.append(object.hash) }
            }
            for object in here { try indexer.enrol(object) }
            for object in here { try indexer.arrive(object) }
            for hash in elsewhere { try indexer.resume(hash, isHeld: false) }
            for case .head(let id, let node) in changes { try indexer.note(head: node, of: id) }
        }
    }

    /// The objects, with their places, in the order of the table: neighbours share its pages.
    private static func ordered(_ changes: [Change]) -> [(place: Int, object: KnownObject, held: Bool)] {
        var objects: [(place: Int, object: KnownObject, held: Bool)] = []
        for (place, change) in changes.enumerated() {
            if case .object(let object, let held) = change { objects.append((place, object, held)) }
        }
        // Of several about one object each still follows the one before.
        return objects.sorted { ($0.object.hash, $0.place) < ($1.object.hash, $1.place) }
    }

    /// Bytes of objects that are known already have come.
    package func held(_ hashes: [ObjectHash]) throws {
        try index { indexer in
            var here: [KnownObject] = []
            for hash in hashes where try indexer.noteHeld(hash, true) {
                let row = try indexer.database.row(Self.objectColumns + " WHERE o.hash = ?", hash)
                if let object = row.flatMap(Self.known) { here.append(object) }
            }
            for object in here { try indexer.enrol(object) }
            for object in here { try indexer.arrive(object) }
        }
    }

    /// Bytes of objects are no longer here: evicted, or found damaged.
    ///
    /// They stay known.
    package func dropped(_ hashes: [ObjectHash]) throws {
        try index { indexer in
            for hash in hashes { _ = try indexer.noteHeld(hash, false) }
        }
    }

    /// Runs indexing in one transaction, or several if much follows from it, and tells those who follow.
    func index(_ contents: [ObjectHash: [UInt8]] = [:], _ body: (inout Indexer) throws -> Void) throws {
        var interrupted = try indexOnce(contents, body)
        while !interrupted.isEmpty {
            let hashes = interrupted
            interrupted = try indexOnce(contents) { indexer in
                for hash in hashes { try indexer.resume(hash, isHeld: true) }
            }
        }
    }

    /// - Returns: what to go on with.
    private func indexOnce(
        _ contents: [ObjectHash: [UInt8]],
        _ body: (inout Indexer) throws -> Void
    ) throws -> [ObjectHash] {
        let indexer = try write { database in
            var indexer = Indexer(database, self, contents)
            try body(&indexer)
            try indexer.finish()
            try Self.write(verdicts, database)
            return indexer
        }
        watchers.tell(indexer.treeChanges)
        if indexer.feedGrew { watchers.pulse() }
        return indexer.interrupted
    }

    /// Goes on where a crash between two transactions stopped it.
    func resumeInterrupted() throws {
        let hashes = try database.read { database in
            let sql = """
                SELECT DISTINCT w.missing FROM waiting w JOIN object o ON o.hash = w.missing
                WHERE w.task = \(Indexer.Task.walk.rawValue) AND o.held = 1
                """
            return try database.rows(sql).compactMap { $0.hash(0) }
        }
        guard !hashes.isEmpty else { return }
        try index { indexer in
            for hash in hashes { try indexer.resume(hash, isHeld: true) }
        }
    }
}
