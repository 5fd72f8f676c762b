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

    /// Up to this many files, syncing each is cheaper than everything the file system has to write.
    private static let singleSyncCountMax = 2

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
        if hashes.count <= Self.singleSyncCountMax { return try commitEach() }
        if !staged.isEmpty {
            try ObjectError.from("storing objects") { () throws(Errno) in try store.disk.synchronizeAll() }
        }
        for file in staged { try name(file) }
        do throws(Errno) {
            try store.disk.synchronizeAll()
        } catch {
            store.distrust(hashes)
            throw ObjectError(error, "storing objects")
        }
        store.trust(staged.lazy.map(\.hash))
        for file in staged { store.recordVerdict(of: file.hash) }
        staged = []
    }

    /// Gives a durable file its name, which the next barrier makes durable.
    private func name(_ file: Staged) throws(ObjectError) {
        let isMoved = try ObjectError.from("storing \(file.hash)") { () throws(Errno) in
            try store.objects.make(ShardedArea.shard(of: file.hash))
            return try store.moveIntoPlace(file.path, as: file.hash)
        }
        // Taken since `add`: rare, so the way that costs more will do.
        if !isMoved { try store.publish(file.path, as: file.hash) }
    }

    private mutating func commitEach() throws(ObjectError) {
        for file in staged {
            try ObjectError.from("storing \(file.hash)") { () throws(Errno) in
                var open = try OpenFile(file.path, .read, on: store.disk)
                try open.synchronize()
                try open.close()
            }
            try store.publish(file.path, as: file.hash)
        }
        for hash in existing {
            // Removed since `add`: whoever removes minds what is being stored.
            guard try store.settleExisting(hash) else { throw .unknown }
        }
        staged = []
    }
}
