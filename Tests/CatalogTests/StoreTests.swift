import Foundation
import Objects
import Storage
import Synchronization
import SystemPackage
import Testing

@testable import Catalog

/// The catalog and the store need each other: the store asks for verdicts in the middle of the catalog's transactions.
@Suite(.enabled(if: Alice.shared != nil))
struct StoreTests {
    /// Passes on to the catalog once it is there.
    final class Later: VerdictLog {
        private let log = Mutex<(any VerdictLog)?>(nil)
        func become(_ log: any VerdictLog) { self.log.withLock { $0 = log } }
        func verdict(of hash: ObjectHash) -> FileStamp? { log.withLock { $0 }?.verdict(of: hash) }
        func record(_ stamp: FileStamp, of hash: ObjectHash) { log.withLock { $0 }?.record(stamp, of: hash) }
    }

    @Test func aCatalogOverAStoreIsThatOfItsObjects() throws {
        let alice = try #require(Alice.shared)
        let scratch = try Scratch()
        let root = try Root.create(at: FilePath(scratch.url.appending(path: "root").path))
        let later = Later()
        let store = try ObjectStore(root: root, disk: root.disk(), verdicts: later, random: SeededRandom(seed: 1))
        let catalog = try Catalog(path: root.catalog, objects: store, owner: alice.owner, book: .standard)
        later.become(catalog)
        let known = try store.put(alice.objects.keys.sorted().compactMap { alice.objects[$0] })
        var changes: [Change] = known.map { .object($0, held: true) }
        changes += alice.heads.map { .head($0.id, node: $0.node) }
        try catalog.record(changes)
        #expect(try dump(catalog) == dump(alice.catalog()))
        try catalog.flushVerdicts()
        #expect(try catalog.statistics().messageCount == 204)
        let message = try #require(known.first { $0.type == "ChatMessage" })
        #expect(catalog.verdict(of: message.hash) != nil)
    }
}
