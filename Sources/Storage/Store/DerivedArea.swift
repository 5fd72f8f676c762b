import Objects
import Synchronization
import SystemPackage

/// A sharded area of files that are derived from objects, one a hash, never synchronised; knows what they take on the disk.
///
/// That is looked up once, then kept with every change; files that were put there by others meanwhile count from the next
/// start on.
final class DerivedArea: Sendable {
    let area: ShardedArea
    private let disk: any Disk
    private let incoming: Incoming
    /// nil until somebody asked.
    private let byteCount = Mutex<Int?>(nil)

    init(_ area: StaticString, on disk: any Disk, _ incoming: Incoming) {
        (self.area, self.disk, self.incoming) = (ShardedArea(area, on: disk), disk, incoming)
    }

    /// What all of them take on the disk; what cannot be read counts for nothing.
    var allocatedByteCount: Int {
        byteCount.withLock { byteCount in
            if let byteCount { return byteCount }
            let total = survey()
            byteCount = total
            return total
        }
    }

    /// Makes or replaces the file of a hash.
    func keep(_ bytes: [UInt8], of hash: ObjectHash) throws(Errno) {
        try area.make(ShardedArea.shard(of: hash))
        try changing(hash) { () throws(Errno) in try incoming.replaceHint(area.path(of: hash), with: bytes) }
    }

    /// Removes the file of a hash, if there is one.
    func remove(_ hash: ObjectHash) { changing(hash) { try? disk.remove(area.path(of: hash)) } }

    /// Changes the file of a hash, and counts what that makes more or less.
    private func changing<Failure: Error>(
        _ hash: ObjectHash,
        _ change: () throws(Failure) -> Void
    ) throws(Failure) {
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
