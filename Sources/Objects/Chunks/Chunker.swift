/// Finds the ends of chunks by what the bytes are, not where: after an insertion the cuts behind it are the same again.
///
/// FastCDC (Xia et al., USENIX ATC 2016): a gear hash over the last 64 bytes, a cut where its top bits are zero, more bits
/// before the normal size than after it (normalised chunking, level 2), and none looked for before the least size. The
/// bytes may come in pieces of any size.
package struct Chunker: Sendable {
    /// One word a byte value: the first eight bytes, big endian, of SHA-256("IoM gear" and the value as a byte).
    private static let gear: [UInt64] = (0...255).map { value in
        let digest = ObjectHash(of: Array("IoM gear".utf8) + [UInt8(value)])
        return digest.words.0
    }

    private let sizes: ChunkSizes
    /// Bits of the fingerprint that are looked at before and after the normal size, from the top.
    private let (hardShift, easyShift): (UInt64, UInt64)
    private var fingerprint: UInt64 = 0
    /// Bytes since the last cut.
    private var byteCount = 0

    package init(_ sizes: ChunkSizes) {
        self.sizes = sizes
        let bits = UInt64(sizes.byteCountNormal.trailingZeroBitCount)
        (hardShift, easyShift) = (64 - bits - 2, 64 - bits + 2)
    }

    /// How many of these bytes belong to the chunk that they end; nil if they do not end it.
    package mutating func cut(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var index = min(bytes.count, max(0, sizes.byteCountMin - byteCount))
        let hardEnd = min(bytes.count, max(index, sizes.byteCountNormal - byteCount))
        let easyEnd = min(bytes.count, sizes.byteCountMax - byteCount)
        let isCut = Self.gear.withUnsafeBufferPointer { gear in
            scan(bytes, &index, hardEnd, hardShift, gear) || scan(bytes, &index, easyEnd, easyShift, gear)
        }
        guard isCut || byteCount + index == sizes.byteCountMax else {
            byteCount += bytes.count
            return nil
        }
        (fingerprint, byteCount) = (0, 0)
        return index
    }

    /// Goes on to the next cut or to the end; `index` is then behind the last byte looked at.
    @inline(__always)
    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer,
        _ index: inout Int,
        _ end: Int,
        _ shift: UInt64,
        _ gear: UnsafeBufferPointer<UInt64>
    ) -> Bool {
        var (hash, position) = (fingerprint, index)
        defer { (fingerprint, index) = (hash, position) }
        while position < end {
            hash = (hash &<< 1) &+ gear[Int(bytes[position])]
            position += 1
            if hash &>> shift == 0 { return true }
        }
        return false
    }
}
