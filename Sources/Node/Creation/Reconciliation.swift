import Catalog
import Logging
import Objects
import Storage

/// Takes in what the files say and the catalog does not: a process that was killed had made it durable, and could not make
/// it known any more.
///
/// Goes directory by directory, those first that changed last: what was under way at the end is found in the first few.
/// Reads names only. Others may write and read meanwhile.
struct Reconciliation {
    private let author: Author
    /// Those that changed last at the end.
    private var open: [StoreShard]

    init(_ author: Author) throws {
        self.author = author
        open = try author.store.shards().reversed()
    }

    /// Settles one directory.
    ///
    /// - Returns: false if all are done.
    mutating func step() throws -> Bool {
        guard let shard = open.popLast() else { return false }
        let names = try author.store.names(in: shard)
        switch shard.area {
        case .objects: try settle(objects: names, in: shard.number)
        case .heads: for name in names { try author.settleHead(of: IDHash(name)) }
        }
        return true
    }

    private func settle(objects: [ObjectHash], in shard: UInt8) throws {
        let (store, catalog) = (author.store, author.catalog)
        let (unnoted, missing) = try catalog.differences(prefix: shard, present: Set(objects))
        let news = try unnoted.compactMap { try store.known($0) }
        if !news.isEmpty { try catalog.record(news.map { .object($0, held: true) }) }
        // Some may have come since the names were read.
        let gone = try missing.filter { try store.localByteCount(of: $0) == nil }
        if !gone.isEmpty { try catalog.dropped(gone) }
    }
}

extension Author {
    /// Makes the current version known, if the catalog knows another.
    ///
    /// A head that is damaged is reported by fsck; the versions it named are still there.
    func settleHead(of id: IDHash) throws {
        let node: ObjectHash?
        do throws(ObjectError) {
            node = try store.head(of: id)
        } catch {
            guard case .damaged = error else { throw error }
            return
        }
        guard let node, try catalog.head(of: id)?.node != node else { return }
        try commit { draft in
            // Nobody replaces it now.
            if let current = try draft.head(of: id) { draft.setHead(current, of: id) }
        }
    }
}

extension Node {
    /// A start waits so long for what a killed process left; the rest is done while it runs.
    private static let recoveryTimeMax = Duration.milliseconds(300)

    /// Begins to find what a killed process left: all of it, or as much as there is time for at a start.
    func beginRecovery(all: Bool) throws {
        var reconciliation = try Reconciliation(author)
        let start = time.elapsed
        while try reconciliation.step() {
            guard all || time.elapsed - start < Self.recoveryTimeMax else { return recovery.leave(reconciliation) }
        }
        recovery.finish()
    }

    /// Finds the rest; returns at once where nothing is left to be found.
    func finishRecovery() async throws {
        guard var reconciliation = recovery.take() else { return }
        do {
            // So that it stands in nobody's way: there are as many threads as cores.
            while try reconciliation.step() {
                try Task.checkCancellation()
                await Task.yield()
            }
        } catch {
            recovery.leave(reconciliation)
            throw error
        }
        if try catalog.checkFile() {
            recovery.finish()
        } else {
            logger.error("the catalog is damaged: it is made again at the next start")
        }
    }
}
