/// How long the chunks of an object are: part of the format, so that every instance cuts the same bytes alike.
///
/// 32 KiB to 512 KiB, 128 KiB by and large; of objects above 16 GiB so much longer, by powers of two, that a list never
/// has more than 524,288 entries.
package struct ChunkSizes: Hashable, Sendable {
    /// Shorter only the last one.
    package let byteCountMin: Int
    /// Up to here a cut is made rarely, from here on often (FastCDC, section 3.3).
    package let byteCountNormal: Int
    package let byteCountMax: Int

    /// The largest object whose list has chunks of the shortest kind.
    private static let scaleByteCount = 1 << 34
    /// No object is believed to be larger.
    package static let objectByteCountMax = 1 << 40

    /// The sizes for an object of this many bytes.
    package init(objectByteCount: Int) {
        var scale = 1
        while scale * Self.scaleByteCount < min(objectByteCount, Self.objectByteCountMax) { scale *= 2 }
        (byteCountMin, byteCountNormal, byteCountMax) = (scale << 15, scale << 17, scale << 19)
    }

    /// Most chunks an object can have.
    package func countMax(objectByteCount: Int) -> Int { objectByteCount / byteCountMin + 1 }
}
