import Glibc

/// What this device has learnt of what is opened when: counts that fade (`PlaceHabit`), and how much each way of
/// guessing from them is to be believed (`Clue`).
///
/// The probability of a place is a conditional logit (McFadden 1974): the exponential of the clues' logarithmic shares,
/// each times its weight, divided by the sum over all places. Each opening moves the weights a step up the gradient of its
/// own likelihood, so whichever clue tells this person's next step is believed. The same openings give the same habits;
/// bounded; about places it knows their numbers in the tree, nothing else.
package struct Habits: Codable, Sendable, Equatable {
    /// Places that are remembered; the one that is used least goes first.
    package static let placeCountMax = 256
    /// What is opened within this after something has followed it.
    static let followTime = 30.0 * 60
    /// Opened again within this is the same opening.
    static let sameTime = 2.0 * 60
    private static let step = 0.08
    private static let weights = 0.0...3.0

    private(set) var places: [UInt64: PlaceHabit] = [:]
    private(set) var trust: [Clue: Double] = Dictionary(uniqueKeysWithValues: Clue.allCases.map { ($0, 0.3) })
    private var last: UInt64?
    /// Openings it has learnt from.
    package private(set) var openedCount = 0

    package init() {}

    /// When a place was opened last, in seconds since 1970; nil: not that it is remembered.
    package func lastOpened(_ place: UInt64) -> Double? { places[place]?.lastOpened }

    /// A place is opened, at seconds since 1970.
    ///
    /// `fresh`: places with something that came after they were opened last, the newest first.
    package mutating func open(_ place: UInt64, at time: Double, fresh: [UInt64]) {
        if place == last, let before = places[place]?.lastOpened, time - before < Self.sameTime { return }
        learn(place, at: time, fresh: fresh)
        if let last, last != place, let before = places[last]?.lastOpened, time - before < Self.followTime {
            places[last]?.note(next: place)
        }
        if places[place] == nil {
            makeRoom(at: time)
            places[place] = PlaceHabit(opened: time)
        } else {
            places[place]?.note(at: time)
        }
        last = place
        openedCount += 1
    }

    /// What is likely to be opened next, the likeliest first.
    package func likely(at time: Double, fresh: [UInt64], limit: Int) -> [Guess] {
        let table = ClueTable(self, at: time, fresh: fresh)
        let probabilities = table.probabilities(trust)
        return table.places.indices.sorted {
            (probabilities[$1], table.places[$0]) < (probabilities[$0], table.places[$1])
        }
        .prefix(limit)
        .map { index in
            Guess(place: table.places[index], probability: probabilities[index], clue: table.best(index, trust))
        }
    }

    /// What was opened last, if that was a moment ago.
    func current(at time: Double) -> UInt64? {
        guard let last, let opened = places[last]?.lastOpened, time - opened < Self.followTime else { return nil }
        return last
    }

    private mutating func learn(_ place: UInt64, at time: Double, fresh: [UInt64]) {
        let table = ClueTable(self, at: time, fresh: fresh)
        guard let index = table.places.firstIndex(of: place), table.places.count > 1 else { return }
        let probabilities = table.probabilities(trust)
        for clue in Clue.allCases {
            guard let shares = table.shares[clue] else { continue }
            let expected = zip(probabilities, shares).reduce(0) { $0 + $1.0 * $1.1 }
            let weight = (trust[clue] ?? 0) + Self.step * (shares[index] - expected)
            trust[clue] = min(Self.weights.upperBound, max(Self.weights.lowerBound, weight))
        }
    }

    private mutating func makeRoom(at time: Double) {
        guard places.count >= Self.placeCountMax else { return }
        let least = places.min { ($0.value.often(at: time), $0.key) < ($1.value.often(at: time), $1.key) }
        guard let least else { return }
        places[least.key] = nil
        for place in places.keys { places[place]?.forget(next: least.key) }
    }
}

/// A place that is likely to be opened next, and what speaks for it most.
package struct Guess: Hashable, Sendable {
    package var place: UInt64
    package var probability: Double
    package var clue: Clue
}

/// A way of guessing what is opened next.
package enum Clue: String, CaseIterable, Codable, Sendable, CodingKeyRepresentable {
    /// What is opened often.
    case often
    /// What was opened lately.
    case lately
    /// What is opened at this time of such days: of working days, or of weekends.
    case hour
    /// What is opened at this time of this day of the week.
    case weekday
    /// What follows what is open now.
    case after
    /// What something new has come to.
    case fresh

    /// For people, after "because".
    package var words: String {
        switch self {
        case .often: "it is opened often"
        case .lately: "it was opened lately"
        case .hour: "it is opened at this time of day"
        case .weekday: "it is opened at this time of the week"
        case .after: "it follows what was opened before it"
        case .fresh: "something new has come to it"
        }
    }
}
