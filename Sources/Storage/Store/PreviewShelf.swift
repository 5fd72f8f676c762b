package import Objects
import SystemPackage

/// Smaller renditions of images (`previews/ab/<hash of the image>`): derived from them, and shown while they are elsewhere.
///
/// Never synchronised: one that is cut short is not shown by the programs that read it, and can be made again.
package struct PreviewShelf: Sendable {
    /// Larger ones are no smaller renditions.
    package static let byteCountMax = 1 << 20

    private let disk: any Disk
    private let derived: DerivedArea

    init(on disk: any Disk, _ incoming: Incoming) {
        (self.disk, derived) = (disk, DerivedArea("previews", on: disk, incoming))
    }

    private var area: ShardedArea { derived.area }
    var path: DiskPath { area.path }

    /// What all of them take on the disk.
    package var allocatedByteCount: Int { derived.allocatedByteCount }

    /// Size and time of the rendition of an image; nil if there is none.
    package func status(of hash: ObjectHash) -> (byteCount: Int, modified: Timestamp)? {
        guard let status = (try? disk.status(at: area.path(of: hash))) ?? nil, status.kind == .file,
            status.byteCount <= Self.byteCountMax
        else { return nil }
        return (status.byteCount, status.stamp.modified)
    }

    package func bytes(of hash: ObjectHash) -> [UInt8]? {
        guard status(of: hash) != nil else { return nil }
        return try? OpenFile(area.path(of: hash), .read, on: disk).read(0..<Self.byteCountMax)
    }

    /// Up to `limit` images that have one, in order, after this one.
    package func hashes(after last: ObjectHash?, limit: Int) -> [ObjectHash] {
        var found: [ObjectHash] = []
        let first = last.map { ShardedArea.shard(of: $0) } ?? 0
        for shard in (try? area.shards()) ?? [] where shard >= first && found.count < limit {
            let names = (try? area.names(in: shard, onlyFiles: true)) ?? []
            found += names.filter { name in
                if let last { name > last } else { true }
            }.prefix(limit - found.count)
        }
        return found
    }

    /// Keeps a rendition; a disk without room does not.
    package func keep(_ bytes: [UInt8], of hash: ObjectHash) throws(ObjectError) {
        try ObjectError.from("keeping a preview of \(hash)") { () throws(Errno) in try derived.keep(bytes, of: hash) }
    }

    package func remove(_ hash: ObjectHash) {
        guard status(of: hash) != nil else { return }
        derived.remove(hash)
    }
}
