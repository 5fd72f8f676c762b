import Glibc
import Node
import Objects
import SystemPackage

/// Blobs that are large and take no room, put where a store has its objects: a start that is random, then a hole.
struct SparseBlob {
    private static let startByteCount = 64
    /// The folder `objects` of a root.
    let objects: FilePath

    func put(byteCount: Int, random: some RandomSource) throws -> KnownObject {
        let start = random.bytes(min(byteCount, Self.startByteCount))
        let hash = ObjectHash(of: start + [UInt8](repeating: 0, count: byteCount - start.count))
        let folder = objects.appending(String(hash.hex.prefix(2)))
        if mkdir(folder.string, 0o700) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
        let file = try FileDescriptor.open(
            folder.appending(hash.hex),
            .writeOnly,
            options: [.create, .closeOnExec],
            permissions: FilePermissions(rawValue: 0o444)
        )
        try file.closeAfter {
            _ = try file.writeAll(start)
            try file.resize(to: Int64(byteCount))
        }
        return KnownObject(hash: hash, kind: .blob, type: nil, byteCount: byteCount)
    }
}
