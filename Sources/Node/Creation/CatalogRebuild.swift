import Catalog
import Objects
import Storage

extension Catalog {
    /// Makes the catalog again from the files: every object, then every head.
    ///
    /// `progress` is told how many objects are done.
    func rebuild(from store: ObjectStore, progress: @escaping (Int) -> Void = { _ in }) throws {
        try rebuild(progress: progress) { rebuild in
            let shards = try store.shards().filter { $0.area == .objects }.sorted { $0.number < $1.number }
            for shard in shards where shard.number >= rebuild.firstPrefix {
                for hash in try store.names(in: shard) {
                    if let known = try store.known(hash) { try rebuild.add(known) }
                }
            }
            // A head that is damaged is reported by fsck; the versions it named are still there.
            try store.forEachHead(damaged: { _ in }) { idHash, node in rebuild.add(head: node, of: idHash) }
        }
    }
}
