import Objects
import Synchronization
import SystemPackage

/// The directories `area/00` to `area/ff`, made when first needed.
///
/// A shard is *settled* when its own name is known to be durable; only then can a name in it be.
final class ShardedArea: Sendable {
    let area: StaticString
    private let disk: any Disk
    /// nil until the area was looked at once.
    private let settled = Mutex<Set<UInt8>?>(nil)

    init(_ area: StaticString, on disk: any Disk) { (self.area, self.disk) = (area, disk) }

    var path: DiskPath { DiskPath(area.description) }

    func path(of shard: UInt8) -> DiskPath { path.appending(Hex.text([shard])) }

    static func shard(of hash: ObjectHash) -> UInt8 { hash.bytes.first ?? 0 }

    func path(of hash: ObjectHash) -> DiskPath { DiskPath(shardedIn: area, hash) }

    /// Makes the shard if need be, durable on return.
    func settle(_ shard: UInt8) throws(Errno) {
        try settled.withLock { (settled) throws(Errno) in
            var known = try looked(&settled)
            defer { settled = known }
            guard !known.contains(shard) else { return }
            try make(path(of: shard))
            do throws(Errno) {
                try disk.synchronizeDirectory(path)
            } catch {
                // So that the next try makes it anew, instead of asking again for what may be lost (fsync(2), "EIO").
                try? disk.remove(path(of: shard))
                throw error
            }
            known.insert(shard)
        }
    }

    /// Makes the shard if need be; durable after the next barrier.
    func make(_ shard: UInt8) throws(Errno) {
        try settled.withLock { (settled) throws(Errno) in
            if try !looked(&settled).contains(shard) { try make(path(of: shard)) }
        }
    }

    /// The shards that are there, in order.
    ///
    /// What is no directory or not named by two digits is left out.
    func shards() throws(Errno) -> [UInt8] {
        try disk.list(path).compactMap { entry in
            guard entry.kind == .directory, entry.name.count == 2 else { return nil }
            return Hex.bytes(entry.text)?.first
        }.sorted()
    }

    /// The names in a shard that are hashes and belong there, in order, whatever they name.
    func names(in shard: UInt8, onlyFiles: Bool = false) throws(Errno) -> [ObjectHash] {
        try disk.list(path(of: shard)).compactMap { entry in
            guard !onlyFiles || entry.kind == .file, let hash = ObjectHash(hex: entry.name),
                Self.shard(of: hash) == shard
            else { return nil }
            return hash
        }.sorted()
    }

    /// What is settled; at first, what is there is made so.
    private func looked(_ settled: inout Set<UInt8>?) throws(Errno) -> Set<UInt8> {
        if let settled { return settled }
        let shards = Set(try shards())
        try disk.synchronizeDirectory(path)
        settled = shards
        return shards
    }

    private func make(_ path: DiskPath) throws(Errno) {
        do throws(Errno) {
            try disk.makeDirectory(path, permissions: 0o755)
        } catch {
            guard error == .fileExists else { throw error }
            // A symbolic link planted here would lead the bytes elsewhere.
            guard try disk.status(at: path)?.kind == .directory else { throw .notDirectory }
        }
    }
}
