/// What a row is to reach at full scale.
indirect enum Goal: Sendable {
    /// At least so many times the speed of another: the median of the rounds' ratios.
    case times(Double, of: Contender, by: Contender = .iom)
    /// This figure or a better one, in the row's unit: the median of the rounds.
    case figure(Double, by: Contender = .iom)
    case all([Goal])
    case any([Goal])

    /// Whether it is reached; nil if one that it needs was not measured.
    func isReached(by outcome: Outcome) -> Bool? {
        switch self {
        case .times(let factor, let other, let contender):
            return outcome.ratio(of: contender, to: other).map { $0 >= factor }
        case .figure(let bound, let contender):
            return outcome.median(contender).map { outcome.unit.isBetterWhenHigher ? $0 >= bound : $0 <= bound }
        case .all(let goals):
            let results = goals.map { $0.isReached(by: outcome) }
            if results.contains(false) { return false }
            return results.contains(nil) ? nil : true
        case .any(let goals):
            let results = goals.map { $0.isReached(by: outcome) }
            if results.contains(true) { return true }
            return results.contains(nil) ? nil : false
        }
    }

    func words(_ unit: Unit) -> String {
        switch self {
        case .times(let factor, let other, let contender):
            "\(contender == .iom ? "" : "\(contender) ")\(Report.text(factor)) x \(other)"
        case .figure(let bound, let contender):
            "\(contender == .iom ? "" : "\(contender) ")\(Report.text(bound)) \(unit.rawValue)"
        case .all(let goals): goals.map { $0.words(unit) }.joined(separator: " and ")
        case .any(let goals): goals.map { $0.words(unit) }.joined(separator: " or ")
        }
    }
}
