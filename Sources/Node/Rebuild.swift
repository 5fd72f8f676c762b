import Catalog
import Objects
import Storage

/// Makes the catalog anew from the files: every object, then every head.
struct Rebuild {
    /// Objects indexed in one transaction.
    private static let batchCount = 2_000

    let store: ObjectStore
    let catalog: Catalog

    /// Runs to the end; `progress` is told how many objects are done.
    func run(progress: (Int) -> Void) throws {
        var batch: [Change] = []
        var count = 0
        try store.forEachObject { hash, byteCount in
            guard let known = try store.known(hash, byteCount: byteCount) else { return }
            batch.append(.object(known, held: true))
            count += 1
            if batch.count >= Self.batchCount {
                try catalog.record(batch, from: nil)
                batch.removeAll(keepingCapacity: true)
                progress(count)
            }
        }
        try store.forEachHead { idHash, node in batch.append(.head(idHash, node: node)) }
        try catalog.record(batch, from: nil)
        progress(count)
    }
}

extension ObjectStore {
    /// What an object is, by its first bytes; nil if it is not here or damaged.
    func known(_ hash: ObjectHash, byteCount: Int) throws -> KnownObject? {
        guard let file = try openLocal(hash) else { return nil }
        defer { try? file.close() }
        let prefix = try [UInt8](unsafeUninitializedCapacity: ObjectKind.sniffByteCount) { buffer, count in
            count = try file.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
        }
        let (kind, type) = ObjectKind.sniff(prefix: prefix)
        return KnownObject(hash: hash, kind: kind, type: type, byteCount: byteCount)
    }
}
