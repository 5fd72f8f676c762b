package import Objects
import SystemPackage

/// What a root takes on the disk beside its objects and heads and what is staged, in bytes of whole blocks.
package struct BesideByteCounts: Hashable, Sendable {
    /// The directories that the objects and the heads are in.
    package var objects = 0
    package var heads = 0
    package var chunks = 0
    package var partial = 0
    package var previews = 0
    package var catalog = 0
    /// What is not carried over to the catalog yet.
    package var journal = 0
    package var other = 0

    package init(other: Int = 0) { self.other = other }

    package var total: Int { objects + heads + chunks + partial + previews + catalog + journal + other }
}

extension ObjectStore {
    /// Deeper folders are none of ours.
    private static let depthMax = 4

    /// What the root takes on the disk beside its objects and heads, and beside what is staged: the catalog's files, parts,
    /// lists of chunks, keys, what is in quarantine, and every directory.
    ///
    /// Looks at a file for each shard and each part; the cost does not grow with the objects.
    package func besideByteCounts() -> BesideByteCounts {
        var counts = BesideByteCounts(other: allocated("."))
        (counts.chunks, counts.previews) = (chunkLists.allocatedByteCount, previews.allocatedByteCount)
        for entry in (try? disk.list(".")) ?? [] {
            let path = DiskPath(bytes: entry.name)
            switch (entry.kind, path) {
            case (.directory, objects.path): counts.objects += allocated(shardsOf: path)
            case (.directory, heads.path): counts.heads += allocated(shardsOf: path)
            case (.directory, chunkLists.path): counts.chunks += allocated(shardsOf: path)
            case (.directory, previews.path): counts.previews += allocated(shardsOf: path)
            case (.directory, Root.Place.incoming): counts.other += allocated(path)
            case (.directory, Root.Place.partial): counts.partial += allocated(below: path, depth: 0)
            case (.directory, _): counts.other += allocated(below: path, depth: 0)
            case (_, Root.Place.catalog): counts.catalog += allocated(path)
            case (_, _) where Root.Place.journal.contains(path): counts.journal += allocated(path)
            case (_, _): counts.other += allocated(path)
            }
        }
        return counts
    }

    private func allocated(shardsOf path: DiskPath) -> Int {
        ((try? disk.list(path)) ?? []).reduce(allocated(path)) { $0 + allocated(path.appending(name: $1.name)) }
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
