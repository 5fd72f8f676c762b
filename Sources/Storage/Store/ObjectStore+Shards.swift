package import Objects
import SystemPackage

/// One directory of `objects/` or `heads/`.
package struct StoreShard: Hashable, Sendable {
    package enum Area: Sendable { case objects, heads }

    package let area: Area
    /// The first byte of the names in it.
    package let number: UInt8
    /// When a name in it was made or removed last; nil while there is no such directory.
    package let changed: Timestamp?
}

extension ObjectStore {
    /// All directories there are or could be, those first that changed last.
    package func shards() throws(ObjectError) -> [StoreShard] {
        var shards: [StoreShard] = []
        for (area, directory) in [(StoreShard.Area.objects, objects), (.heads, heads)] {
            for number in UInt8.min...UInt8.max {
                let status = try ObjectError.from("looking at \(directory.path(of: number))") { () throws(Errno) in
                    try disk.status(at: directory.path(of: number))
                }
                let changed = status?.kind == .directory ? status?.stamp.modified : nil
                shards.append(StoreShard(area: area, number: number, changed: changed))
            }
        }
        return shards.sorted { ($0.changed?.nanoseconds ?? .min) > ($1.changed?.nanoseconds ?? .min) }
    }

    /// What a directory has, in order of name.
    ///
    /// Nothing but the directory is read: the files are not looked at.
    package func names(in shard: StoreShard) throws(ObjectError) -> [ObjectHash] {
        guard shard.changed != nil else { return [] }
        let directory = shard.area == .objects ? objects : heads
        return try ObjectError.from("listing \(directory.path(of: shard.number))") { () throws(Errno) in
            try directory.names(in: shard.number, onlyFiles: true)
        }
    }
}
