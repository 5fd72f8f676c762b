package import Objects
import SystemPackage

extension ObjectStore {
    /// Deeper folders are none of ours.
    private static let depthMax = 4

    /// What the root takes on the disk beside its objects and heads, and beside what is staged: the catalog's files, parts,
    /// lists of chunks, keys, what is in quarantine, and every directory.
    ///
    /// Looks at a file for each shard and each part; the cost does not grow with the objects.
    package func besideByteCount() -> Int {
        var total = allocated(".") + chunkLists.total.value + previews.total.value
        let sharded = [objects.path, heads.path, chunkLists.path, previews.path]
        for entry in (try? disk.list(".")) ?? [] {
            let path = DiskPath(bytes: entry.name)
            switch entry.kind {
            case .directory where sharded.contains(path):
                total += allocated(path)
                for shard in (try? disk.list(path)) ?? [] { total += allocated(path.appending(name: shard.name)) }
            case .directory where path == Root.Place.incoming: total += allocated(path)
            case .directory: total += allocated(below: path, depth: 0)
            case .file, .link, .other: total += allocated(path)
            }
        }
        return total
    }

    private func allocated(_ path: DiskPath) -> Int {
        ((try? disk.status(at: path)) ?? nil)?.allocatedByteCount ?? 0
    }

    private func allocated(below directory: DiskPath, depth: Int) -> Int {
        guard depth < Self.depthMax else { return 0 }
        return ((try? disk.list(directory)) ?? []).reduce(allocated(directory)) { total, entry in
            let path = directory.appending(name: entry.name)
            return total + (entry.kind == .directory ? allocated(below: path, depth: depth + 1) : allocated(path))
        }
    }
}

extension ObjectStore {
    /// When an object's file came or was read last, as far as the disk keeps that; nil: it is not here.
    package func lastUse(of hash: ObjectHash) throws(ObjectError) -> Timestamp? {
        let status = try ObjectError.from("looking at \(hash)") { () throws(Errno) in
            try disk.status(at: objects.path(of: hash))
        }
        return status.map { max($0.accessed, $0.stamp.modified) }
    }
}
