internal import GRDB
package import Objects

/// An object that is here and may be dropped, as far as its use tells.
package struct Victim: Hashable, Sendable {
    package var hash: ObjectHash
    /// What it takes on the disk.
    package var chargedByteCount: Int
    /// When it was used last or came here.
    package var used: Timestamp
    /// Where it stands.
    var place: Int64
}

/// What is used of the objects that are here, on an instance that drops some of them.
extension Catalog {
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000

    /// Objects were used at a time.
    package func noteUses(_ uses: [(hash: ObjectHash, time: Timestamp)]) throws {
        try changeQueues { queues, _ in
            for use in uses { try queues.used(use.hash, at: use.time.nanoseconds / Self.nanosecondsPerSecond) }
        }
    }

    /// Objects were read by somebody who has read everything since a time.
    package func noteScanned(_ hashes: [ObjectHash], since time: Timestamp) throws {
        try changeQueues { queues, _ in
            for hash in hashes { try queues.scanned(hash, since: time.nanoseconds / Self.nanosecondsPerSecond) }
        }
    }

    /// The next objects to go, in order, until they take so many bytes together; empty if nothing is left.
    package func victims(byteCount: Int, limit: Int, _ search: inout ReplacementSearch) throws -> [Victim] {
        var found: [Victim] = []
        search = try changeQueues { queues, _ in
            var search = search
            found = try Self.next(byteCount, limit, &search, in: &queues)
            return search
        }
        return found
    }

    /// What `victims` would name from the beginning; choosing turns the queues, and here they are turned back.
    package func rehearsedVictims(byteCount: Int, limit: Int) throws -> [Victim] {
        var found: [Victim] = []
        try write { database in
            try database.inSavepoint {
                var (queues, search) = (Replacement(try StoredQueues(database)), ReplacementSearch())
                found = try Self.next(byteCount, limit, &search, in: &queues)
                return .rollback
            }
        }
        return found
    }

    private static func next(
        _ byteCount: Int,
        _ limit: Int,
        _ search: inout ReplacementSearch,
        in queues: inout Replacement<StoredQueues>
    ) throws -> [Victim] {
        var (found, rest) = ([Victim](), byteCount)
        while rest > 0, found.count < limit, let item = try queues.next(&search) {
            rest -= item.charge
            found.append(victim(item))
        }
        return found
    }

    /// Objects that were not used since a time, longest unused first, of those behind `last`; only large ones if asked.
    package func victims(
        unusedSince time: Timestamp,
        onlyLarge: Bool = false,
        after last: Victim?,
        limit: Int
    ) throws(ObjectError) -> [Victim] {
        try answerOne { database in
            let sql = """
                SELECT hash, queue, uses, used, charge, place FROM usage
                WHERE queue < 2 \(onlyLarge ? "AND charge >= \(Schema.largeByteCount)" : "")
                AND used < ? AND (used, place) > (?, ?) ORDER BY used, place LIMIT ?
                """
            return try database.rows(
                sql,
                time.nanoseconds / Self.nanosecondsPerSecond,
                last.map { $0.used.nanoseconds / Self.nanosecondsPerSecond } ?? .min,
                last?.place ?? .min,
                limit
            ).compactMap(StoredQueues.item).map(Self.victim)
        }
    }

    /// Objects that are no longer current, nor anything shown: what was in former versions, and the histories too if asked.
    package func superseded(
        withHistory: Bool,
        after last: Victim?,
        limit: Int
    ) throws(ObjectError) -> [Victim] {
        try answerOne { database in
            let sql = """
                SELECT u.hash, u.queue, u.uses, u.used, u.charge, u.place FROM superseded s JOIN usage u ON u.hash = s.hash
                WHERE u.queue < 2 AND s.history <= ? AND s.hash > ?
                AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.object = s.hash) ORDER BY s.hash LIMIT ?
                """
            let start = last.map { StoredBytes($0.hash.bytes) } ?? StoredBytes([])
            return try database.rows(sql, withHistory ? 1 : 0, start, limit)
                .compactMap(StoredQueues.item).map(Self.victim)
        }
    }

    /// These may not go now: they are not named again before `reconsiderKept`.
    package func keep(_ hashes: [ObjectHash]) throws {
        try changeQueues { queues, _ in for hash in hashes { try queues.keep(hash) } }
    }

    /// Up to `limit` of those that were kept longest may be named again.
    package func reconsiderKept(limit: Int) throws {
        try changeQueues { queues, _ in try queues.reconsider(limit: limit) }
    }

    /// How far `enrol` has come: the last hash, or one byte when it is done.
    private static let enrolledKey = "enrolled"

    /// Of the objects that are here the next that stand in no queue: all of them after the catalog was made again, or
    /// when this instance begins to drop some; nil when there are no more.
    package func unenrolled(limit: Int) throws(ObjectError) -> [ObjectHash]? {
        try answer { database in
            let last = try Meta.value(Self.enrolledKey, database) ?? []
            if last.count == 1 { return nil }
            let sql = "SELECT hash FROM object WHERE hash > ? AND held = 1 ORDER BY hash LIMIT ?"
            return try database.rows(sql, StoredBytes(last), limit).compactMap { $0.hash(0) }
        }
    }

    /// Takes over what `unenrolled` named, with the times of last use of those that are still here; none are left if there
    /// were none.
    package func enrol(_ hashes: [ObjectHash], used: [ObjectHash: Timestamp]) throws {
        try changeQueues { queues, database in
            for hash in hashes {
                guard let time = used[hash], try queues.shelf.item(hash) == nil,
                    let row = try database.row("SELECT size FROM object WHERE hash = ? AND held = 1", hash)
                else { continue }
                let item = ReplacementItem(
                    key: hash,
                    queue: .main,
                    used: time.nanoseconds / Self.nanosecondsPerSecond,
                    charge: Allocation.byteCount(of: row[0])
                )
                try queues.shelf.insertByTime(item)
            }
            try Meta.set(Self.enrolledKey, hashes.last?.bytes ?? [1], database)
        }
    }

    private static func victim(_ item: ReplacementItem<ObjectHash>) -> Victim {
        Victim(
            hash: item.key,
            chargedByteCount: item.charge,
            used: Timestamp(nanoseconds: item.used * nanosecondsPerSecond),
            place: item.place
        )
    }

    private func changeQueues<Result>(
        _ body: (inout Replacement<StoredQueues>, Database) throws -> Result
    ) throws -> Result {
        try write { database in
            var queues = Replacement(try StoredQueues(database))
            let result = try body(&queues, database)
            try queues.shelf.finish()
            return result
        }
    }
}
