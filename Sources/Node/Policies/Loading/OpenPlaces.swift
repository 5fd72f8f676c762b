package import Objects

/// Which place somebody is in, told from single uses; no I/O.
///
/// Who goes through many places in a moment reads everything, and is in none of them.
package struct OpenPlaces: Sendable {
    /// More places than this within this time (in seconds) are a scan: so many at once, or so many one after another.
    static let marks: [(count: Int, seconds: Double)] = [(2, 3), (6, 60)]
    /// It is over when nothing but one place was used for so long, in seconds.
    static let calm = 3.0

    package enum Change: Hashable, Sendable {
        /// Somebody went there; each time with something new to do.
        case opened(EntryNumber)
        /// A scan began: whatever was opened in its first moment was not.
        case scan
    }

    private var recent: [(place: EntryNumber, time: Double)] = []
    private(set) package var current: EntryNumber?
    package private(set) var isScan = false

    package init() {}

    /// Something in a place is used at a time, in seconds since 1970; nil: nothing changes by it.
    package mutating func use(_ place: EntryNumber, at time: Double) -> Change? {
        recent.removeAll { time - $0.time > Self.marks.map(\.seconds).max() ?? 0 || $0.place == place }
        recent.append((place, time))
        if isScan {
            guard recent.dropLast().allSatisfy({ time - $0.time > Self.calm }) else { return nil }
            (isScan, recent) = (false, [(place, time)])
        } else if Self.marks.contains(where: { mark in
            recent.count { time - $0.time <= mark.seconds } > mark.count
        }) {
            (isScan, current) = (true, nil)
            return .scan
        }
        guard place != current else { return nil }
        current = place
        return .opened(place)
    }
}
