import Objects
import SystemPackage

/// What is to become durable together: bytes of files, and names in shards.
struct Barrier {
    /// Files whose bytes are meant.
    var files: [DiskPath] = []
    /// Shards of `objects/` whose names are meant.
    var shards: Set<UInt8> = []
    /// Whether it is so much that syncfs(2) costs less than one fsync(2) after the other.
    ///
    /// syncfs waits for whatever else the file system has to write, which may be much of some other program.
    var isShared = false

    static func + (left: Self, right: Self) -> Self {
        Self(
            files: left.files + right.files,
            shards: left.shards.union(right.shards),
            isShared: left.isShared || right.isShared
        )
    }

    var isEmpty: Bool { files.isEmpty && shards.isEmpty }
}

extension ObjectStore {
    /// Makes it durable, or says that it may not be; never asked again for the same (fsync(2), "EIO").
    func pass(_ barrier: Barrier) throws(Errno) {
        guard !barrier.isEmpty else { return }
        if barrier.isShared { return try disk.synchronizeAll() }
        for path in barrier.files {
            var file = try OpenFile(path, .read, on: disk)
            try file.synchronize()
            try file.close()
        }
        for shard in barrier.shards.sorted() {
            try objects.settle(shard)
            try disk.synchronizeDirectory(objects.path(of: shard))
        }
    }
}
