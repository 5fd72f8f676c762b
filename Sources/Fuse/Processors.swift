import CLinux

/// The processors of this machine that a thread may run on (sched_setaffinity(2)).
struct Processors {
    /// So many processors can be told apart.
    private static let countMax = 1_024

    /// Their numbers, in order.
    let numbers: [Int]

    /// Those the calling thread may run on; none where that cannot be told.
    static func allowed() -> Processors {
        var mask = [UInt](repeating: 0, count: countMax / UInt.bitWidth)
        let byteCount = allowed_processors(&mask, countMax / 8)
        guard byteCount > 0 else { return Processors(numbers: []) }
        return Processors(
            numbers: (0..<8 * byteCount).filter { mask[$0 / UInt.bitWidth] >> ($0 % UInt.bitWidth) & 1 == 1 }
        )
    }

    /// Keeps the calling thread on one processor, where that can be had.
    static func stay(on number: Int) {
        guard number < countMax else { return }
        var mask = [UInt](repeating: 0, count: countMax / UInt.bitWidth)
        mask[number / UInt.bitWidth] = 1 << UInt(number % UInt.bitWidth)
        _ = stay_on_processors(mask, countMax / 8)
    }
}
