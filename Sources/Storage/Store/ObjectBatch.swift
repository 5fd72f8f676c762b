package import Objects
package import SystemPackage

/// Objects on their way into the store that share one barrier.
///
/// They are written to `incoming/` first; `commit` makes all their bytes durable at once, names them, and makes the names
/// durable at once. Without `commit` nothing is stored. The caller bounds the count and size of a batch.
package struct ObjectBatch: ~Copyable {
    private let store: ObjectStore
    private var staged: [Staged] = []
    private var existing: [ObjectHash] = []
    private var hashes: Set<ObjectHash> = []

    private struct Staged {
        var path: DiskPath
        var hash: ObjectHash
    }

    package init(in store: ObjectStore) { self.store = store }

    deinit {
        // Those that were published are gone from there already.
        for file in staged { try? store.disk.remove(file.path) }
    }

    /// Count of objects, those that were in the store already included.
    package var count: Int { hashes.count }

    /// Adds an object.
    package mutating func add(_ bytes: [UInt8]) throws(ObjectError) -> KnownObject {
        let known = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
        if try isNew(known.hash) {
            staged.append(Staged(path: try store.writeTemporary(bytes, isSynchronized: false), hash: known.hash))
        }
        return known
    }

    /// Adds an object that is in the store already, so that it is durable too; false if it is not there.
    package mutating func addExisting(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        if hashes.contains(hash) { return true }
        guard !store.isDistrusted(hash), try store.contains(hash) else { return false }
        hashes.insert(hash)
        existing.append(hash)
        return true
    }

    /// Adds the bytes of a file, sharing blocks with it where the file system can. Bytes that are not those expected are
    /// `.damaged` and not added.
    package mutating func add(
        file source: FilePath, expecting expected: ObjectHash?
    ) throws(ObjectError) -> (KnownObject, StagedObject.Transfer) {
        var object = try store.stage()
        let transfer = try store.fill(&object, from: source)
        return (try add(object, expecting: expected), transfer)
    }

    /// Adds a file itself, under a second name.
    package mutating func add(
        linking source: FilePath, expecting expected: ObjectHash?
    ) throws(ObjectError) -> KnownObject {
        try add(StagedObject.linking(source, in: store), expecting: expected)
    }

    private mutating func add(
        _ object: consuming StagedObject, expecting expected: ObjectHash?
    ) throws(ObjectError) -> KnownObject {
        let (path, known) = try object.detach()
        do throws(ObjectError) {
            guard expected == nil || known.hash == expected else { throw .damaged(by: "the file") }
            if try isNew(known.hash) {
                staged.append(Staged(path: path, hash: known.hash))
                return known
            }
        } catch {
            try? store.disk.remove(path)
            throw error
        }
        try? store.disk.remove(path)
        return known
    }

    private mutating func isNew(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        guard hashes.insert(hash).inserted else { return false }
        guard !store.isDistrusted(hash), try store.contains(hash) else { return true }
        existing.append(hash)
        return false
    }

    /// Stores all, durable on return. After an error any of them may be in the store, whole.
    package consuming func commit() throws(ObjectError) {
        guard !hashes.isEmpty else { return }
        try ObjectError.from("storing objects") { () throws(Errno) in try synchronizeFiles() }
        for file in staged { try name(file) }
        do throws(Errno) {
            try synchronizeNames()
        } catch {
            store.distrust(hashes)
            throw ObjectError(error, "storing objects")
        }
        store.trust(staged.lazy.map(\.hash))
        for file in staged { store.recordVerdict(of: file.hash) }
        staged = []
    }

    private var isShared: Bool { hashes.count > ObjectStore.singleSyncCountMax }

    private func synchronizeFiles() throws(Errno) {
        guard !staged.isEmpty else { return }
        if isShared { return try store.disk.synchronizeAll() }
        for file in staged { try synchronize(file.path) }
    }

    private func synchronize(_ path: DiskPath) throws(Errno) {
        var file = try OpenFile(path, .read, on: store.disk)
        try file.synchronize()
        try file.close()
    }

    /// Gives a durable file its name.
    private func name(_ file: Staged) throws(ObjectError) {
        let isMoved = try ObjectError.from("storing \(file.hash)") { () throws(Errno) in
            let shard = ShardedArea.shard(of: file.hash)
            try isShared ? store.objects.make(shard) : store.objects.settle(shard)
            return try store.moveIntoPlace(file.path, as: file.hash)
        }
        // Taken since `add`: rare, so the way that costs more will do.
        if !isMoved { try store.publish(file.path, as: file.hash) }
    }

    /// Makes the names of all durable, and the bytes of those that were there.
    private func synchronizeNames() throws(Errno) {
        if isShared { return try store.disk.synchronizeAll() }
        for hash in existing { try synchronize(store.objects.path(of: hash)) }
        for shard in Set(hashes.map { ShardedArea.shard(of: $0) }).sorted() {
            try store.objects.settle(shard)
            try store.disk.synchronizeDirectory(store.objects.path(of: shard))
        }
    }
}
