import Node

/// What a device with a quota holds of a trace: what was used longest ago goes first, from 0.96 of the quota down to
/// 0.92, as pressure keeps it.
struct KeptObjects {
    private let byteCounts: [Int]
    private let quota: Int
    /// When each was used last; -1: it is not here.
    private var stamps: [Int]
    /// Stamps with their objects in order, those that were used again since in between.
    private var order: [(stamp: Int, object: Int)] = []
    private var first = 0
    private var stamp = 0
    private(set) var usedByteCount = 0

    init(_ trace: Trace, quota: Int) {
        byteCounts = trace.objects.map(\.byteCount)
        self.quota = quota
        stamps = [Int](repeating: -1, count: byteCounts.count)
    }

    func contains(_ object: Int) -> Bool { stamps[object] >= 0 }

    /// Whether more can come without anything having to go.
    func hasRoom(for byteCount: Int) -> Bool {
        Double(usedByteCount + byteCount) <= Double(quota) * LoadingRules.fractionMax
    }

    /// It is used, or comes; what goes because of it.
    mutating func touch(_ object: Int) -> [Int] {
        if stamps[object] < 0 { usedByteCount += byteCounts[object] }
        stamp += 1
        stamps[object] = stamp
        order.append((stamp, object))
        guard usedByteCount > quota / 100 * 96 else { return [] }
        var gone: [Int] = []
        while usedByteCount > quota / 100 * 92, first < order.count - 1 {
            let (stamp, object) = order[first]
            first += 1
            guard stamps[object] == stamp else { continue }
            stamps[object] = -1
            usedByteCount -= byteCounts[object]
            gone.append(object)
        }
        return gone
    }
}
