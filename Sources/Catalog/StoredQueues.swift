internal import GRDB
internal import Objects

/// The queues of `Replacement` in the tables of the catalog, within one transaction; `finish` writes the totals.
struct StoredQueues: ReplacementShelf {
    typealias Item = ReplacementItem<ObjectHash>

    private let database: Database
    private var totals: [ReplacementQueue: (count: Int, charge: Int)] = [:]
    private var last: Int64

    init(_ database: Database) throws {
        self.database = database
        for row in try database.rows("SELECT queue, count, charge FROM usage_total") {
            guard let queue = ReplacementQueue(rawValue: row[0]) else { continue }
            totals[queue] = (row[1], row[2])
        }
        // Those that were taken over with the times of their files have places below zero.
        last = max(0, try database.row("SELECT max(place) FROM usage")?[0] ?? 0)
    }

    func finish() throws {
        for (queue, total) in totals {
            try database.run(
                "INSERT OR REPLACE INTO usage_total (queue, count, charge) VALUES (?, ?, ?)",
                queue.rawValue,
                total.count,
                total.charge
            )
        }
    }

    private static let columns = "SELECT hash, queue, uses, used, charge, place FROM usage"

    static func item(_ row: StoredRow) -> Item? {
        guard let hash = row.hash(0), let queue = ReplacementQueue(rawValue: row[1]) else { return nil }
        return Item(key: hash, queue: queue, uses: row[2], used: row[3], charge: row[4], place: row[5])
    }

    func item(_ key: ObjectHash) throws -> Item? {
        try database.row(Self.columns + " WHERE hash = ?", key).flatMap(Self.item)
    }

    mutating func append(_ item: Item) throws {
        last += 1
        try insert(item, at: last)
    }

    /// Puts something where its last use belongs: before everything that came since the queues are kept.
    mutating func insertByTime(_ item: Item) throws {
        let first = Int64.min / 2 + item.used << 22
        let taken: Int64? = try database.row(
            "SELECT max(place) FROM usage WHERE place >= ? AND place < ?",
            first,
            first + (1 << 22)
        )?[0]
        try insert(item, at: taken.map { $0 + 1 } ?? first)
    }

    private mutating func insert(_ item: Item, at place: Int64) throws {
        try database.run(
            "INSERT INTO usage (place, hash, queue, uses, used, charge) VALUES (?, ?, ?, ?, ?, ?)",
            place,
            item.key,
            item.queue.rawValue,
            item.uses,
            item.used,
            item.charge
        )
        count(item, 1)
    }

    mutating func update(_ item: Item) throws {
        try database.run("UPDATE usage SET uses = ?, used = ? WHERE place = ?", item.uses, item.used, item.place)
    }

    mutating func remove(_ item: Item) throws {
        try database.run("DELETE FROM usage WHERE place = ?", item.place)
        count(item, -1)
    }

    func oldest(in queue: ReplacementQueue, after place: Int64?) throws -> Item? {
        // The index of a rowid table ends in the rowid, which is the place (sqlite.org/queryplanner.html, 1.7).
        let sql = Self.columns + " WHERE queue = ? AND place > ? ORDER BY place LIMIT 1"
        return try database.row(sql, queue.rawValue, place ?? .min).flatMap(Self.item)
    }

    func total(of queue: ReplacementQueue) -> (count: Int, charge: Int) { totals[queue] ?? (0, 0) }

    private mutating func count(_ item: Item, _ sign: Int) {
        let total = total(of: item.queue)
        totals[item.queue] = (total.count + sign, total.charge + sign * item.charge)
    }
}
