/// What was measured of one row: a figure a round and side.
struct Outcome: Sendable {
    var row: String
    var what: String
    var unit: Unit
    var figures: [Side: [Double]] = [:]

    func median(_ side: Side) -> Double { Self.median(figures[side] ?? []) }

    /// IoM's speed as a multiple of ext4's: the median of the rounds' ratios, above 1 where IoM is faster.
    var ratio: Double {
        let ratios = zip(figures[.iom] ?? [], figures[.ext4] ?? []).map { iom, ext4 in
            unit.isBetterWhenHigher ? iom / ext4 : ext4 / iom
        }
        return Self.median(ratios)
    }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let middle = sorted.indices.dropFirst(sorted.count / 2).first else { return .nan }
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
