import Glibc

/// A moment of the week, in UTC: which half-hour it is, Monday's first being 0.
struct WeekTime: Hashable, Sendable {
    static let slotsPerDay = 48
    static let slotCount = 7 * slotsPerDay
    private static let secondsPerSlot = 86_400.0 / Double(slotsPerDay)
    /// 1970-01-01 was a Thursday.
    private static let secondsBeforeFirstMonday = 4.0 * 86_400

    let slot: Int
    /// How far it is in its slot, from 0 to below 1.
    private let part: Double

    /// Seconds since 1970.
    init(seconds: Double) {
        let slots = ((seconds - Self.secondsBeforeFirstMonday) / Self.secondsPerSlot)
        let whole = slots.rounded(.down)
        part = slots - whole
        let rest = whole.truncatingRemainder(dividingBy: Double(Self.slotCount))
        slot = Int(rest < 0 ? rest + Double(Self.slotCount) : rest)
    }

    /// The slots it belongs to and how much: more to its own, some to those beside, as habits are not punctual.
    var shares: [(slot: Int, share: Double)] {
        [
            (Self.wrapped(slot - 1), 0.5 * (1 - part)), (slot, 1),
            (Self.wrapped(slot + 1), 0.5 * part),
        ]
    }

    /// The same half-hour of all days of its kind: of working days, or of the weekend.
    static func likeDays(_ slot: Int) -> [Int] {
        let days = slot / slotsPerDay < 5 ? 0..<5 : 5..<7
        return days.map { $0 * slotsPerDay + slot % slotsPerDay }
    }

    static func wrapped(_ slot: Int) -> Int { (slot % slotCount + slotCount) % slotCount }
}

extension Double {
    static func exp2(_ exponent: Double) -> Double { Glibc.exp2(exponent) }
}
