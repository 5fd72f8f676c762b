/// How one place is used: counts that fade, so that what was usual last year is not what is expected today.
struct PlaceHabit: Codable, Sendable, Equatable {
    /// Half-lives of what is counted.
    static let oftenHalfLife = 14.0 * 86_400
    static let weekHalfLife = 28.0 * 86_400
    static let nextHalfLife = 21.0 * 86_400
    /// Places that are remembered to have followed.
    static let nextCountMax = 8
    /// A count that has faded to less is forgotten.
    static let countMin = 0.02

    /// Seconds since 1970, of the last opening and of the counts.
    private(set) var lastOpened: Double
    /// How often it was opened.
    private(set) var often = 0.0
    /// How often in which slot of the week (`WeekTime`).
    private(set) var slots: [Int: Double] = [:]
    /// What was opened soon after it, how often.
    private(set) var next: [UInt64: Double] = [:]

    init(opened time: Double) {
        lastOpened = time
        note(at: time)
    }

    /// How much of `often` is left at a time.
    func often(at time: Double) -> Double { often * Self.left(after: time - lastOpened, Self.oftenHalfLife) }

    /// How much is left of a count of slots.
    func slotsLeft(at time: Double) -> Double { Self.left(after: time - lastOpened, Self.weekHalfLife) }

    /// It is opened.
    mutating func note(at time: Double) {
        fade(to: time)
        often += 1
        for (slot, share) in WeekTime(seconds: time).shares { slots[slot, default: 0] += share }
    }

    /// Something was opened soon after it.
    mutating func note(next place: UInt64) {
        next[place, default: 0] += 1
        guard next.count > Self.nextCountMax else { return }
        let least = next.min { ($0.value, $0.key) < ($1.value, $1.key) }
        if let least { next[least.key] = nil }
    }

    mutating func forget(next place: UInt64) { next[place] = nil }

    private mutating func fade(to time: Double) {
        // A clock that was set back makes nothing stronger.
        let passed = max(0, time - lastOpened)
        often *= Self.left(after: passed, Self.oftenHalfLife)
        let (week, following) = (
            Self.left(after: passed, Self.weekHalfLife), Self.left(after: passed, Self.nextHalfLife)
        )
        slots = slots.mapValues { $0 * week }.filter { $0.value >= Self.countMin }
        next = next.mapValues { $0 * following }.filter { $0.value >= Self.countMin }
        lastOpened = max(lastOpened, time)
    }

    private static func left(after seconds: Double, _ halfLife: Double) -> Double {
        Double.exp2(-max(0, seconds) / halfLife)
    }
}
