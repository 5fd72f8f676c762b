/// The form of a list on disk and on the wire:
///
///     version (1: these sizes and this way of cutting)   1 byte
///     size of the object                                 8 bytes, big endian
///     for each chunk: its size                           4 bytes, big endian
///                     its SHA-256                        32 bytes
extension ChunkList {
    private static let version: UInt8 = 1
    static let headerByteCount = 9
    static let entryByteCount = 4 + ObjectHash.byteCount

    /// The bytes before the first entry.
    package static func header(objectByteCount: Int) -> [UInt8] {
        [version] + (0..<8).map { UInt8(truncatingIfNeeded: objectByteCount >> (56 - 8 * $0)) }
    }

    /// The entries of these chunks.
    package func entries(_ indices: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(indices.count * Self.entryByteCount)
        for index in indices {
            let byteCount = range(of: index).count
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: byteCount >> shift)) }
            bytes += hash(of: index).bytes
        }
        return bytes
    }

    /// The whole list.
    package var encoded: [UInt8] { Self.header(objectByteCount: byteCount) + entries(0..<count) }

    /// Longest encoding a list for an object of this size can have.
    package static func encodedByteCountMax(objectByteCount: Int) -> Int {
        let sizes = ChunkSizes(objectByteCount: objectByteCount)
        return headerByteCount + sizes.countMax(objectByteCount: objectByteCount) * entryByteCount
    }

    /// Reads a whole list; nil unless it is one of an object of this size.
    package init?(encoded bytes: [UInt8], objectByteCount: Int) {
        var decoder = ChunkListDecoder(objectByteCount: objectByteCount)
        guard (try? decoder.push(bytes)) != nil, decoder.list.isComplete else { return nil }
        self = decoder.list
    }
}

/// Reads a list as it comes, in pieces of any size, and believes nothing that cannot be.
package struct ChunkListDecoder: Sendable {
    /// What is wrong with a list.
    package enum Failure: Error, Hashable, Sendable {
        case version(UInt8)
        /// It is the list of an object of another size.
        case otherSize(Int)
        /// A chunk that is too long or too short, or goes past the end; or more after the last.
        case entry
    }

    package private(set) var list: ChunkList
    private var rest: [UInt8] = []
    private var hasHeader = false

    package init(objectByteCount: Int) { list = ChunkList(objectByteCount: objectByteCount) }

    package mutating func push(_ bytes: [UInt8]) throws(Failure) {
        rest += bytes
        var position = 0
        if !hasHeader {
            guard rest.count >= ChunkList.headerByteCount else { return }
            try readHeader()
            position = ChunkList.headerByteCount
        }
        while rest.count - position >= ChunkList.entryByteCount {
            let byteCount = rest[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
            position += 4
            guard let hash = ObjectHash(bytes: rest[position..<position + ObjectHash.byteCount]),
                list.append(byteCount: byteCount, hash)
            else { throw .entry }
            position += ObjectHash.byteCount
        }
        rest.removeFirst(position)
        if list.isComplete, !rest.isEmpty { throw .entry }
    }

    private mutating func readHeader() throws(Failure) {
        guard rest[0] == 1 else { throw .version(rest[0]) }
        let said = rest[1..<ChunkList.headerByteCount].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard said == UInt64(list.byteCount) else { throw .otherSize(Int(clamping: said)) }
        hasHeader = true
    }
}
