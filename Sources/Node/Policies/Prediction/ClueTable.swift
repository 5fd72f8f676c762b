import Glibc

/// What each clue says of each place at one moment, as logarithms of shares.
struct ClueTable {
    /// A clue never says that something is impossible: this part of its belief is for all alike.
    private static let doubt = 0.02
    /// How far ahead the next time is looked for at which anything is opened, in slots.
    private static let slotsAhead = WeekTime.slotsPerDay / 2
    /// Counts of less are no habit.
    private static let habitMin = 0.5

    let places: [UInt64]
    /// Of each clue that has something to say: the logarithm of the share of each place.
    private(set) var shares: [Clue: [Double]] = [:]

    init(_ habits: Habits, at time: Double, fresh: [UInt64]) {
        let known = Set(habits.places.keys)
        // In an order of their own, so that sums come out the same.
        places = known.sorted() + fresh.filter { !known.contains($0) }
        let records = places.map { habits.places[$0] }
        set(.often, records.map { $0?.often(at: time) ?? 0 })
        set(.lately, Self.ranked(records.map { $0?.lastOpened ?? -.infinity }))
        set(.fresh, places.map { place in fresh.firstIndex(of: place).map { 1 / Double($0 + 1) } ?? 0 })
        setSlots(records, at: time)
        if let current = habits.current(at: time), let next = habits.places[current]?.next {
            set(.after, places.map { next[$0] ?? 0 })
        }
    }

    private mutating func setSlots(_ records: [PlaceHabit?], at time: Double) {
        let left = records.map { $0?.slotsLeft(at: time) ?? 0 }
        func counts(_ slots: [Int]) -> [Double] {
            zip(records, left).map { record, left in
                slots.reduce(0) { $0 + (record?.slots[$1] ?? 0) } * left
            }
        }
        let now = WeekTime(seconds: time).slot
        // At night what counts is the morning.
        for ahead in 0..<Self.slotsAhead {
            let counts = counts(WeekTime.likeDays(WeekTime.wrapped(now + ahead)))
            guard counts.reduce(0, +) >= Self.habitMin else { continue }
            set(.hour, counts)
            break
        }
        for ahead in 0..<Self.slotsAhead {
            let counts = counts([WeekTime.wrapped(now + ahead)])
            guard counts.reduce(0, +) >= Self.habitMin else { continue }
            return set(.weekday, counts)
        }
    }

    /// 1 for the highest value, then a half, a third...; nothing for what has none.
    private static func ranked(_ values: [Double]) -> [Double] {
        var ranked = [Double](repeating: 0, count: values.count)
        let order = values.indices.filter { values[$0].isFinite }.sorted { (values[$1], $0) < (values[$0], $1) }
        for (rank, index) in order.enumerated() { ranked[index] = 1 / Double(rank + 1) }
        return ranked
    }

    private mutating func set(_ clue: Clue, _ counts: [Double]) {
        let sum = counts.reduce(0, +)
        guard sum > 0 else { return }
        shares[clue] = counts.map { log((1 - Self.doubt) * $0 / sum + Self.doubt / Double(counts.count)) }
    }

    /// How likely each place is, with so much trust in each clue.
    func probabilities(_ trust: [Clue: Double]) -> [Double] {
        var scores = [Double](repeating: 0, count: places.count)
        for clue in Clue.allCases {
            guard let shares = shares[clue], let weight = trust[clue] else { continue }
            for index in scores.indices { scores[index] += weight * shares[index] }
        }
        // The largest is taken away first: no exponential is too large.
        let largest = scores.max() ?? 0
        let powers = scores.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// The clue that lifts a place most above the others.
    func best(_ index: Int, _ trust: [Clue: Double]) -> Clue {
        func lift(_ clue: Clue) -> Double {
            guard let shares = shares[clue] else { return -.infinity }
            return (trust[clue] ?? 0) * (shares[index] - shares.reduce(0, +) / Double(shares.count))
        }
        return Clue.allCases.max { lift($0) < lift($1) } ?? .often
    }
}
