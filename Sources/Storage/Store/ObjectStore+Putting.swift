package import Objects
import Synchronization
package import SystemPackage

extension ObjectStore {
    /// Objects are never changed, so nobody may write to them.
    static let permissions: UInt32 = 0o444

    /// How often a file that turns out wrong is taken away to make room for the right one.
    private static let attemptCountMax = 3

    /// Stores an object, durable on return; of one that is here already only that is made sure.
    package func put(_ bytes: [UInt8]) throws(ObjectError) -> KnownObject {
        let known = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
        if try settleExisting(known.hash) { return known }
        let temporary = try writeTemporary(bytes, isSynchronized: true)
        do throws(ObjectError) {
            try publish(temporary, as: known.hash)
        } catch {
            try? disk.remove(temporary)
            throw error
        }
        return known
    }

    /// Stores objects behind one barrier, all durable on return.
    ///
    /// After an error any of them may be here, whole. `put(batch:)` does it on all processors.
    package func put(_ objects: [[UInt8]]) throws(ObjectError) -> [KnownObject] {
        var batch = ObjectBatch(in: self)
        var known: [KnownObject] = []
        known.reserveCapacity(objects.count)
        for bytes in objects { known.append(try batch.add(bytes)) }
        try batch.commit()
        return known
    }

    /// Begins an object that arrives in pieces.
    package func stage() throws(ObjectError) -> StagedObject { try StagedObject(in: self) }

    /// Stores the bytes of a file, durable on return; sharing blocks with it where the file system can.
    package func put(file path: FilePath) async throws(ObjectError) -> KnownObject {
        let new = [NewObject(.file(path), tag: (), likelyByteCount: 0)]
        let stored = try await put(batch: new)
        guard let outcome = stored.first?.outcome else { throw .unknown }
        return try outcome.get().object
    }

    /// Writes a file into `incoming/`, or leaves nothing.
    func writeTemporary(
        _ bytes: [UInt8],
        permissions: UInt32 = permissions,
        isSynchronized: Bool
    ) throws(ObjectError) -> DiskPath {
        let path = incoming.newPath()
        do throws(Errno) {
            var file = try OpenFile(path, .create(permissions: permissions), on: disk)
            try file.append(bytes)
            if isSynchronized { try file.synchronize() }
            try file.close()
        } catch {
            try? disk.remove(path)
            throw ObjectError(error, "storing an object")
        }
        return path
    }

    /// Whether the object is here already, verified; if so it is durable on return.
    func settleExisting(_ hash: ObjectHash) throws(ObjectError) -> Bool {
        guard !isDistrusted(hash), let file = try openVerified(hash) else { return false }
        do throws(Errno) {
            // Whoever wrote it may not have got so far, or it came by another program's hand.
            try file.synchronize()
            try settleName(of: hash)
        } catch {
            distrust([hash])
            throw ObjectError(error, "storing \(hash)")
        }
        return true
    }

    /// Gives a durable file in `incoming/` the name of its object, durable on return.
    func publish(_ temporary: DiskPath, as hash: ObjectHash) throws(ObjectError) {
        for _ in 0..<Self.attemptCountMax {
            let isMoved = try ObjectError.from("storing \(hash)") { () throws(Errno) in
                try objects.settle(ShardedArea.shard(of: hash))
                return try moveIntoPlace(temporary, as: hash)
            }
            if isMoved { return try finishPublishing(hash) }
            // Somebody else was faster, or something wrong had the name and has it no longer.
            if try settleExisting(hash) {
                try? disk.remove(temporary)
                return
            }
        }
        throw .system(.fileExists, "storing \(hash)")
    }

    private func finishPublishing(_ hash: ObjectHash) throws(ObjectError) {
        do throws(Errno) {
            try settleName(of: hash)
        } catch {
            distrust([hash])
            throw ObjectError(error, "storing \(hash)")
        }
        trust([hash])
        recordVerdict(of: hash)
    }

    /// False: the name is taken, by something that is not distrusted.
    func moveIntoPlace(_ temporary: DiskPath, as hash: ObjectHash) throws(Errno) -> Bool {
        let name = objects.path(of: hash)
        do throws(Errno) {
            try disk.publish(temporary, as: name)
            return true
        } catch {
            guard error == .fileExists else { throw error }
        }
        return try distrusted.withLock { (distrusted) throws(Errno) in
            guard distrusted.contains(hash) else { return false }
            try disk.replace(name, by: temporary)
            return true
        }
    }

    private func settleName(of hash: ObjectHash) throws(Errno) {
        let shard = ShardedArea.shard(of: hash)
        try objects.settle(shard)
        try disk.synchronizeDirectory(objects.path(of: shard))
    }

    func isDistrusted(_ hash: ObjectHash) -> Bool { distrusted.withLock { $0.contains(hash) } }
    func distrust(_ hashes: some Sequence<ObjectHash>) { distrusted.withLock { $0.formUnion(hashes) } }
    func trust(_ hashes: some Sequence<ObjectHash>) { distrusted.withLock { $0.subtract(hashes) } }
}
