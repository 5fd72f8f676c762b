package import Objects
import SystemPackage

/// The lists of chunks of objects that are here (`chunks/ab/<hash>`): derived from them, made once.
///
/// Never synchronised: each has a digest at its end, over the hash of its object and itself, and one that does not fit is
/// not there.
package struct ChunkShelf: Sendable {
    private let disk: any Disk
    private let incoming: Incoming
    private let derived: DerivedArea

    init(on disk: any Disk, _ incoming: Incoming) {
        (self.disk, self.incoming) = (disk, incoming)
        derived = DerivedArea("chunks", on: disk, incoming)
    }

    private var area: ShardedArea { derived.area }
    var path: DiskPath { area.path }

    /// What all of them take on the disk.
    var allocatedByteCount: Int { derived.allocatedByteCount }

    private static func digest(_ hash: ObjectHash, _ encoded: some ContiguousBytes) -> ObjectHash {
        var hasher = SHA256()
        hasher.update(hash.bytes)
        hasher.update(encoded)
        return hasher.finish()
    }

    /// Whether there is a file for it, good or not.
    package func has(_ hash: ObjectHash) -> Bool { (try? disk.status(at: area.path(of: hash))) ?? nil != nil }

    /// The list of an object of this size; nil if none was made.
    package func list(of hash: ObjectHash, objectByteCount: Int) -> ChunkList? {
        let byteCountMax = ChunkList.encodedByteCountMax(objectByteCount: objectByteCount) + ObjectHash.byteCount
        guard let file = try? OpenFile(area.path(of: hash), .read, on: disk), let status = try? file.status(),
            status.kind == .file, (ObjectHash.byteCount...byteCountMax).contains(status.byteCount),
            let bytes = try? file.read(0..<status.byteCount)
        else { return nil }
        let encoded = bytes.dropLast(ObjectHash.byteCount)
        guard Self.digest(hash, encoded).bytes.elementsEqual(bytes.suffix(ObjectHash.byteCount)) else { return nil }
        return ChunkList(encoded: Array(encoded), objectByteCount: objectByteCount)
    }

    /// Keeps a list whose object was hashed; a disk without room does not.
    package func keep(_ list: ChunkList, of hash: ObjectHash) {
        let encoded = list.encoded
        do throws(Errno) {
            try derived.keep(encoded + Self.digest(hash, encoded).bytes, of: hash)
        } catch {
            // It is made again when it is needed.
        }
    }

    /// How far whoever makes lists has come in a feed; 0 if in none of this name.
    package func position(in feed: String) -> Int64 {
        guard let bytes = try? OpenFile(Self.positionPath, .read, on: disk).read(0..<Self.positionByteCountMax) else {
            return 0
        }
        let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard words.count == 2, words[0] == feed, let position = Int64(words[1]), position >= 0 else { return 0 }
        return position
    }

    package func setPosition(_ position: Int64, in feed: String) {
        try? incoming.replaceHint(Self.positionPath, with: Array("\(feed) \(position)".utf8))
    }

    private static let positionPath: DiskPath = "chunks/position"
    private static let positionByteCountMax = 256

    package func remove(_ hash: ObjectHash) {
        guard has(hash) else { return }
        derived.remove(hash)
    }
}
