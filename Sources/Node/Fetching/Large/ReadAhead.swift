/// How far ahead of one reader bytes are to be fetched: farther the longer it reads in order, not at all when it seeks.
///
/// The beginning of a file is often all that is wanted: until 256 KiB nothing is fetched ahead, until 1 MiB half of what
/// was read, then as much as was read, up to 32 MiB.
struct ReadAhead {
    static let byteCountMin = 256 << 10
    static let byteCountMax = 32 << 20
    /// The kernel asks for the next pages of one reader in several requests, which may change places.
    private static let toleranceByteCount = 1 << 20

    private var start = 0
    private var end = 0

    /// A range is read; returns what to expect next.
    mutating func read(_ range: Range<Int>) -> Range<Int> {
        let isNext = abs(range.lowerBound - end) <= Self.toleranceByteCount && range.lowerBound >= start
        if isNext, end > start {
            end = max(end, range.upperBound)
        } else {
            (start, end) = (range.lowerBound, range.upperBound)
        }
        return end..<end + byteCount
    }

    private var byteCount: Int {
        let run = end - start
        guard run > Self.byteCountMin else { return 0 }
        return run <= 1 << 20 ? run / 2 : min(run, Self.byteCountMax)
    }
}
