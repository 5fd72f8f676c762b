import Catalog
import Objects
import ServiceLifecycle
import Storage
import Synchronization
import Views

extension Policy {
    /// Whether anything that is here ever goes without a person's word.
    package var dropsObjects: Bool { !keepsEverything && pruneStrategy != .never }
}

/// Keeps in mind what is used of what is here, so that the least worth goes first.
///
/// Losing the last seconds of it in a crash costs a worse choice, nothing else.
package final class UsageWatch: Sendable {
    private static let pageCount = 500

    private let catalog: Catalog
    private let store: ObjectStore
    private let time: any Timekeeper
    private let round = Mutex(UseRound())

    init(catalog: Catalog, store: ObjectStore, time: any Timekeeper) {
        (self.catalog, self.store, self.time) = (catalog, store, time)
    }

    /// Takes in what is used in the mounts, until cancelled.
    func follow(_ uses: AsyncStream<[Use]>) async throws {
        try await enrol()
        for await batch in uses {
            let isOver = round.withLock { round in
                for use in batch where use.action != .listed {
                    guard case .object(let hash) = use.entry.kind else { continue }
                    round.add(hash, at: use.time, by: use.program)
                }
                return round.isOver(at: time.now)
            }
            if isOver { try flush() }
        }
        try flush()
    }

    /// After the catalog was made again, and on an instance that did not drop anything until now: files know when they came
    /// and, where the disk keeps that, when they were read (`relatime` of mount(8)).
    private func enrol() async throws {
        while !Task.isCancelled, let hashes = try catalog.unenrolled(limit: Self.pageCount) {
            var used: [ObjectHash: Timestamp] = [:]
            for hash in hashes { used[hash] = try store.lastUse(of: hash) }
            try catalog.enrol(hashes, used: used)
            await Task.yield()
        }
    }

    /// Writes down what was used, for whoever chooses what is to go.
    func flush() throws {
        let round = self.round.withLock { round in
            defer { round = UseRound() }
            return round
        }
        guard let start = round.start else { return }
        let (used, scanned) = round.result()
        if !used.isEmpty { try catalog.noteUses(used) }
        if !scanned.isEmpty { try catalog.noteScanned(scanned, since: start) }
    }
}
