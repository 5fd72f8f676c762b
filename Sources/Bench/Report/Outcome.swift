/// What was measured of one row: at most one figure a round and contender.
struct Outcome: Sendable {
    let row: Row
    /// In the order of their columns.
    var contenders: [Contender] = []
    /// By round.
    var figures: [Contender: [Int: Double]] = [:]
    var notes: [String] = []
    var failures: [String] = []
    /// All rounds of all, and what was made for them.
    var time = Duration.zero
    private var failed: Set<Contender> = []

    init(row: Row) { self.row = row }

    var unit: Unit { row.unit }

    /// Whether it has not failed yet: who did is not asked again.
    func isRunning(_ contender: Contender) -> Bool { !failed.contains(contender) }

    mutating func fail(_ contender: Contender, _ reason: String) {
        failed.insert(contender)
        failures.append("\(contender): \(reason)")
    }

    func rounds(_ contender: Contender) -> [Double] {
        (figures[contender] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
    }

    /// Nil if it was not measured.
    func median(_ contender: Contender) -> Double? {
        let rounds = rounds(contender)
        return rounds.isEmpty ? nil : Self.median(rounds)
    }

    /// One's speed as a multiple of another's: the median of the ratios of the rounds that both have, above 1 where the
    /// first is faster.
    func ratio(of contender: Contender, to other: Contender) -> Double? {
        let (ours, theirs) = (figures[contender] ?? [:], figures[other] ?? [:])
        let ratios = ours.compactMap { round, our in
            theirs[round].map { unit.isBetterWhenHigher ? our / $0 : $0 / our }
        }
        return ratios.isEmpty ? nil : Self.median(ratios)
    }

    var isGoalReached: Bool? { row.goal.flatMap { $0.isReached(by: self) } }

    static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let middle = sorted.indices.dropFirst(sorted.count / 2).first else { return .nan }
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The figure that 99 of 100 are not above.
    static func ninetyNinth(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
}
