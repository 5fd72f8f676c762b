internal import GRDB
internal import Objects

extension Indexer {
    /// Nodes of one history that are looked at when it goes on; more came here with versions before.
    private static let historyCountMax = 64

    /// What came stands in line.
    mutating func enrol(_ object: KnownObject) throws {
        try changeQueues { queues, time in
            try queues.arrived(object.hash, charge: Allocation.byteCount(of: object.byteCount), used: time)
        }
    }

    /// Changes the queues, where something is ever dropped; the time is now, in seconds since 1970.
    mutating func changeQueues(_ body: (inout Replacement<StoredQueues>, Int64) throws -> Void) throws {
        guard let time = catalog.usageTime else { return }
        var queues = try self.queues ?? Replacement(StoredQueues(database))
        try body(&queues, time.now.nanoseconds / 1_000_000_000)
        self.queues = queues
    }

    /// These are no longer the current version of anything.
    func noteSuperseded(_ hashes: [ObjectHash], isHistory: Bool) throws {
        guard catalog.usageTime != nil else { return }
        for hash in hashes {
            try database.run("INSERT OR IGNORE INTO superseded (hash, history) VALUES (?, ?)", hash, isHistory ? 1 : 0)
        }
    }

    /// A version is current now: what it follows no longer is, as far back as that was not noted before.
    mutating func noteCurrent(_ version: VersionNode, _ node: ObjectHash) throws {
        guard catalog.usageTime != nil else { return }
        for hash in [node, version.data] { try database.run("DELETE FROM superseded WHERE hash = ?", hash) }
        var open = version.predecessors
        var count = 0
        while let hash = open.popLast(), count < Self.historyCountMax {
            count += 1
            guard case .object(let object) = load(hash), let former = VersionNode(object: object) else { continue }
            let isKnown = try database.row("SELECT 1 FROM superseded WHERE hash = ?", former.data) != nil
            try noteSuperseded([hash], isHistory: true)
            guard former.data != version.data, !isKnown else { continue }
            try noteSuperseded([former.data], isHistory: false)
            open += former.predecessors
        }
    }
}
