package import Objects
import Synchronization
import SystemPackage

/// Objects on their way into the store that share their barriers.
///
/// They are written to `incoming/` first; `commit` makes all their bytes durable at once, names them, and makes the names
/// durable at once. Without `commit` nothing is stored. The caller bounds the count and size of a batch.
package struct ObjectBatch: ~Copyable {
    let store: ObjectStore
    private let claims: Claims
    private var staged: [Staged] = []
    private var existing: [ObjectHash] = []

    /// A file in `incoming/` with all its bytes.
    struct Staged: Sendable {
        var path: DiskPath
        var hash: ObjectHash
    }

    package init(in store: ObjectStore) { (self.store, claims) = (store, Claims()) }

    /// Takes over all that was prepared.
    init(of preparation: BatchPreparation<some Sendable>, in store: ObjectStore) {
        (self.store, claims) = (store, preparation.claims)
        for writer in preparation.writers { take(writer) }
    }

    deinit {
        // Those that were published are gone from there already.
        for file in staged { try? store.disk.remove(file.path) }
    }

    /// Adds an object.
    package mutating func add(_ bytes: [UInt8]) throws(ObjectError) -> KnownObject {
        try add(bytes, verifiedAs: ObjectHash(of: bytes))
    }

    /// Adds an object whose hash the caller has just computed.
    package mutating func add(_ bytes: [UInt8], verifiedAs hash: ObjectHash) throws(ObjectError) -> KnownObject {
        var writer = BatchWriter(store: store, claims: claims)
        defer { take(writer) }
        return try writer.write(bytes, as: hash).object
    }

    /// Takes over what was written for this batch.
    private mutating func take(_ writer: BatchWriter) {
        staged += writer.staged
        existing += writer.existing
    }

    /// Stores all, durable on return.
    ///
    /// After an error any of them may be in the store, whole.
    package consuming func commit() throws(ObjectError) {
        try settle(bytes)
        try name()
        do throws(ObjectError) { try settle(names) } catch {
            distrust()
            throw error
        }
        finish()
    }

    private func settle(_ barrier: Barrier) throws(ObjectError) {
        try ObjectError.from("storing objects") { () throws(Errno) in try store.pass(barrier) }
    }

    private var isShared: Bool { staged.count + existing.count > ObjectStore.singleSyncCountMax }

    /// What must be durable before `name`.
    var bytes: Barrier { Barrier(files: staged.map(\.path), isShared: isShared) }

    /// What must be durable before anything is acknowledged: the names, and the bytes of those that were here.
    var names: Barrier {
        let hashes = staged.map(\.hash) + existing
        return Barrier(
            files: isShared ? [] : existing.map { store.objects.path(of: $0) },
            shards: Set(hashes.map { ShardedArea.shard(of: $0) }),
            isShared: isShared
        )
    }

    /// Gives the files, durable now, their names.
    func name() throws(ObjectError) {
        for file in staged {
            let isMoved = try ObjectError.from("storing \(file.hash)") { () throws(Errno) in
                let shard = ShardedArea.shard(of: file.hash)
                try isShared ? store.objects.make(shard) : store.objects.settle(shard)
                return try store.moveIntoPlace(file.path, as: file.hash)
            }
            // Taken since it was written: rare, so the way that costs more will do.
            if !isMoved { try store.publish(file.path, as: file.hash) }
        }
    }

    /// The names may never become durable, whatever is asked.
    func distrust() {
        store.distrust(staged.lazy.map(\.hash))
        store.distrust(existing)
    }

    /// The names are durable.
    consuming func finish() {
        store.trust(staged.lazy.map(\.hash))
        for file in staged { store.recordVerdict(of: file.hash) }
        staged = []
    }
}

/// The hashes of one batch: each is written by one only, however many bring it at once.
final class Claims: Sendable {
    private let hashes = Mutex<Set<ObjectHash>>([])

    /// False: another has it.
    func claim(_ hash: ObjectHash) -> Bool { hashes.withLock { $0.insert(hash).inserted } }
}
