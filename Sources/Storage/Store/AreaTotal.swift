import Objects
import Synchronization
import SystemPackage

/// What the files of a derived area take on the disk: looked up once, then kept with every change.
///
/// Files that were put there by others meanwhile count from the next start on.
final class AreaTotal: Sendable {
    private let area: ShardedArea
    private let disk: any Disk
    /// nil until somebody asked.
    private let byteCount = Mutex<Int?>(nil)

    init(of area: ShardedArea, on disk: any Disk) { (self.area, self.disk) = (area, disk) }

    /// The total; what cannot be read counts for nothing.
    var value: Int {
        byteCount.withLock { byteCount in
            if let byteCount { return byteCount }
            let total = survey()
            byteCount = total
            return total
        }
    }

    /// Changes the file of a hash, and counts what that makes more or less.
    func changing<Failure: Error>(_ hash: ObjectHash, _ change: () throws(Failure) -> Void) throws(Failure) {
        try byteCount.withLock { (byteCount) throws(Failure) in
            let before = allocated(hash)
            defer { byteCount = byteCount.map { $0 + allocated(hash) - before } }
            try change()
        }
    }

    private func allocated(_ hash: ObjectHash) -> Int {
        ((try? disk.status(at: area.path(of: hash))) ?? nil)?.allocatedByteCount ?? 0
    }

    private func survey() -> Int {
        guard let shards = try? area.shards() else { return 0 }
        return shards.reduce(0) { total, shard in
            ((try? area.names(in: shard)) ?? []).reduce(total) { $0 + allocated($1) }
        }
    }
}
