import Catalog
import Objects
import Storage

extension Catalog {
    /// Makes the catalog again from the files: every object, then every head. `progress` is told how many objects are done.
    func rebuild(from store: ObjectStore, progress: @escaping (Int) -> Void = { _ in }) throws {
        try rebuild(progress: progress) { rebuild in
            try store.forEachObject { hash, byteCount in
                if let known = try store.known(hash, byteCount: byteCount) { try rebuild.add(known) }
            }
            // A head that is damaged is reported by fsck; the versions it named are still there.
            try store.forEachHead(damaged: { _ in }) { idHash, node in rebuild.add(head: node, of: idHash) }
        }
    }
}

extension ObjectStore {
    /// What an object is, by its first bytes; nil if it is not here or damaged.
    func known(_ hash: ObjectHash, byteCount: Int) throws -> KnownObject? {
        guard let file = try openLocal(hash).map(SharedFile.init) else { return nil }
        let (kind, type) = ObjectKind.sniff(prefix: try file.read(0..<min(byteCount, ObjectKind.sniffByteCount)))
        return KnownObject(hash: hash, kind: kind, type: type, byteCount: byteCount)
    }
}
