/// Where the chunks of an object end, and the SHA-256 of each: a range can be checked without the rest.
///
/// The chunks follow each other from 0 without a gap, each within its `ChunkSizes`, and never go past the object. One that
/// is still coming covers the first bytes only. Whether it tells the truth shows when the whole object is hashed.
package struct ChunkList: Hashable, Sendable {
    /// Size of the whole object.
    package let byteCount: Int
    package let sizes: ChunkSizes
    private var ends: [Int] = []
    private var hashes: [ObjectHash] = []

    package init(objectByteCount: Int) {
        byteCount = objectByteCount
        sizes = ChunkSizes(objectByteCount: objectByteCount)
    }

    package var count: Int { ends.count }
    /// Bytes of the chunks that are known.
    package var coveredByteCount: Int { ends.last ?? 0 }
    package var isComplete: Bool { coveredByteCount == byteCount }

    /// Adds the next chunk; false, and nothing is added, if there can be no such chunk here.
    package mutating func append(byteCount: Int, _ hash: ObjectHash) -> Bool {
        let start = coveredByteCount
        guard byteCount > 0, byteCount <= sizes.byteCountMax, byteCount <= self.byteCount - start,
            byteCount >= sizes.byteCountMin || start + byteCount == self.byteCount
        else { return false }
        ends.append(start + byteCount)
        hashes.append(hash)
        return true
    }

    /// The bytes of a chunk.
    package func range(of index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1])..<ends[index] }

    package func hash(of index: Int) -> ObjectHash { hashes[index] }

    /// The chunk this byte is in; nil if it is not known.
    package func index(at offset: Int) -> Int? {
        guard offset >= 0, offset < coveredByteCount else { return nil }
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The chunks any of these bytes are in, as far as they are known.
    package func indices(in range: Range<Int>) -> Range<Int> {
        guard !range.isEmpty, let first = index(at: range.lowerBound) else { return 0..<0 }
        return first..<(index(at: range.upperBound - 1).map { $0 + 1 } ?? count)
    }
}

/// Makes the list of an object from its bytes, in pieces of any size.
package struct ChunkListMaker: ~Copyable {
    package private(set) var list: ChunkList
    private var chunker: Chunker
    private var hasher = SHA256()
    private var chunkByteCount = 0

    package init(objectByteCount: Int) {
        list = ChunkList(objectByteCount: objectByteCount)
        chunker = Chunker(list.sizes)
    }

    /// Adds the next bytes; false if they are more than the object has.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let cut = chunker.cut(rest)
            let count = cut ?? rest.count
            hasher.update(UnsafeRawBufferPointer(rebasing: rest[..<count]))
            chunkByteCount += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            let isLast = list.coveredByteCount + chunkByteCount == list.byteCount
            guard cut != nil || isLast else { continue }
            guard endChunk() else { return false }
        }
        return list.coveredByteCount + chunkByteCount <= list.byteCount
    }

    private mutating func endChunk() -> Bool {
        var finished = SHA256()
        swap(&finished, &hasher)
        defer { chunkByteCount = 0 }
        return list.append(byteCount: chunkByteCount, finished.finish())
    }
}
