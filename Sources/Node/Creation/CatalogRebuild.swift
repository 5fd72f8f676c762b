import Catalog
import Objects
import Storage

extension Catalog {
    /// Makes the catalog again from the files: every object, then every head.
    ///
    /// `progress` is told how many objects are done.
    func rebuild(from store: ObjectStore, progress: @escaping (Int) -> Void = { _ in }) throws {
        try rebuild(progress: progress) { rebuild in
            try store.forEachObject { hash, _ in
                if let known = try store.known(hash) { try rebuild.add(known) }
            }
            // A head that is damaged is reported by fsck; the versions it named are still there.
            try store.forEachHead(damaged: { _ in }) { idHash, node in rebuild.add(head: node, of: idHash) }
        }
    }
}

extension Catalog {
    /// Takes in what the files say and the catalog does not: a process that was killed had made it durable, and could not
    /// make it known any more.
    func reconcile(with store: ObjectStore) throws {
        var shard: (prefix: UInt8, hashes: Set<ObjectHash>) = (0, [])
        func settle() throws {
            let (unnoted, gone) = try differences(prefix: shard.prefix, present: shard.hashes)
            let news = try unnoted.compactMap { try store.known($0) }
            if !news.isEmpty { try record(news.map { .object($0, held: true) }) }
            if !gone.isEmpty { try dropped(gone) }
        }
        try store.forEachObject { hash, _ in
            let prefix = hash.bytes[0]
            while shard.prefix < prefix {
                try settle()
                shard = (shard.prefix + 1, [])
            }
            shard.hashes.insert(hash)
        }
        try settle()
        while shard.prefix < .max {
            shard = (shard.prefix + 1, [])
            try settle()
        }
        try store.forEachHead(damaged: { _ in }) { idHash, node in
            if try head(of: idHash)?.node != node { try record([.head(idHash, node: node)]) }
        }
    }
}
