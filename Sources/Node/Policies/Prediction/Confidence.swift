/// Whether guessing is worth it: on, until more bytes of what was guessed are wasted than used; off, until guesses that
/// are only noted would have been worth it again.
///
/// Between the two shares at which it turns nothing changes, so that it does not flutter; no I/O.
package struct Confidence: Codable, Sendable, Equatable {
    /// Share of bytes that have to be used to stay on, and to turn on again.
    static let offBelow = 0.5
    static let onAbove = 0.6
    /// Ends of guesses before the first turn, and between two.
    static let countMin = 24
    /// After so many ends the older ones count half.
    private static let halfCount = 200.0

    package private(set) var isOn = true
    private(set) var used = 0.0
    private(set) var wasted = 0.0
    private var countSinceTurn = 0

    package init() {}

    /// Share of the bytes of late that were used; nil: none has ended yet.
    package var usedShare: Double? { used + wasted > 0 ? used / (used + wasted) : nil }

    /// The bytes of a guess were used or wasted; whether that turned it.
    @discardableResult
    package mutating func note(byteCount: Int, wasUsed: Bool) -> Bool {
        let left = Double.exp2(-1 / Self.halfCount)
        used = used * left + (wasUsed ? Double(byteCount) : 0)
        wasted = wasted * left + (wasUsed ? 0 : Double(byteCount))
        countSinceTurn += 1
        guard countSinceTurn >= Self.countMin, let share = usedShare else { return false }
        guard isOn ? share < Self.offBelow : share > Self.onAbove else { return false }
        isOn.toggle()
        countSinceTurn = 0
        return true
    }
}
