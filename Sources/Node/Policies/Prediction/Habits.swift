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
    /// Places that are likely to be next and are kept ready, and how likely that has to be.
    package static let guessCountMax = 2
    private static let probabilityMin = 0.1
    /// Days within which what is new is to be looked at, and how likely that has to be.
    private static let soonDays = 3.0
    private static let chanceMin = 0.5
    private static let secondsPerDay = 86_400.0
    private static let step = 0.08
    private static let weights = 0.0...3.0

    private(set) var places: [UInt64: PlaceHabit] = [:]
    private(set) var trust: [Clue: Double] = Dictionary(uniqueKeysWithValues: Clue.allCases.map { ($0, 0.3) })
    private var last: UInt64?
    /// When it began to learn, in seconds since 1970.
    private var begun: Double?
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
        begun = begun ?? time
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

    /// What is worth having ready: what is likely to be next, and what something new has come to and is opened soon.
    package func preparations(at time: Double, fresh: [UInt64]) -> [Preparation] {
        let guesses = likely(at: time, fresh: fresh, limit: Self.guessCountMax)
            .filter { $0.probability >= Self.probabilityMin }
        let named = Set(guesses.map(\.place))
        let others = fresh.filter { !named.contains($0) }.map { (place: $0, chance: soon($0, at: time)) }
            .filter { $0.chance >= Self.chanceMin }.sorted { ($1.chance, $0.place) < ($0.chance, $1.place) }
        return guesses.map { Preparation(place: $0.place, clue: $0.clue, since: lastOpened($0.place)) }
            + others.map { Preparation(place: $0.place, clue: .fresh, since: lastOpened($0.place)) }
    }

    /// How likely a place is opened within `soonDays`, by how often it is opened: as if at random times (Poisson).
    func soon(_ place: UInt64, at time: Double) -> Double {
        guard let record = places[place], let begun else { return 0 }
        // What one opening a day would have come to since then.
        let mean = PlaceHabit.oftenHalfLife / log(2)
        let age = max(time - begun, Self.secondsPerDay)
        let daily = mean / Self.secondsPerDay * (1 - exp(-age / mean))
        return 1 - exp(-record.often(at: time) / daily * Self.soonDays)
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

/// A place that is to be kept ready.
package struct Preparation: Hashable, Sendable {
    package var place: UInt64
    /// What speaks for it most.
    package var clue: Clue
    /// What came earlier was there when it was opened last, in seconds since 1970; nil: it was not opened yet.
    package var since: Double?

    package init(place: UInt64, clue: Clue, since: Double?) {
        (self.place, self.clue, self.since) = (place, clue, since)
    }
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
