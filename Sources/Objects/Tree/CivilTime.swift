/// A moment on the calendar, in UTC (proleptic Gregorian), always in the years 0001 to 9999.
package struct CivilTime: Hashable, Sendable {
    /// Days since 1970-01-01.
    package let day: Int
    package let hour: Int
    package let minute: Int
    package let second: Int

    /// Days since 1970-01-01 of 0001-01-01 and 9999-12-31.
    package static let days = -719_162...2_932_896

    private static let secondsPerDay = 86_400

    /// Milliseconds since 1970, as ONE writes them; whatever is outside the years is clamped, what is no number is 1970.
    package init(milliseconds: Double) {
        let first = Double(Self.days.lowerBound * Self.secondsPerDay)
        let last = Double((Self.days.upperBound + 1) * Self.secondsPerDay - 1)
        let seconds = milliseconds.isNaN ? 0 : max(first, min(last, (milliseconds / 1000).rounded(.down)))
        let whole = Int(seconds)
        day = (whole - (whole % Self.secondsPerDay + Self.secondsPerDay) % Self.secondsPerDay) / Self.secondsPerDay
        let rest = whole - day * Self.secondsPerDay
        (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60)
    }

    /// Midnight at the start of this day, counted from 1970-01-01; clamped.
    package init(day: Int) {
        self.day = max(Self.days.lowerBound, min(Self.days.upperBound, day))
        (hour, minute, second) = (0, 0, 0)
    }

    /// Year, month and day of the month (Howard Hinnant's `civil_from_days`).
    package var date: (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// The month as in `2026-11`.
    package var monthText: String {
        let (year, month, _) = date
        return Self.padded(year, 4) + "-" + Self.padded(month, 2)
    }

    /// The day as in `2026-11-22`.
    package var dayText: String { monthText + "-" + Self.padded(date.day, 2) }

    /// The time of day as in `14:03:22`.
    package var clockText: String {
        Self.padded(hour, 2) + ":" + Self.padded(minute, 2) + ":" + Self.padded(second, 2)
    }

    /// Both, as in `2026-11-22 14:03:22`.
    package var text: String { "\(dayText) \(clockText)" }

    /// Appends the time of day as in `14:03:22`.
    func appendClock(to bytes: inout [UInt8]) {
        for (place, number) in [hour, minute, second].enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ":")) }
            bytes.append(UInt8(ascii: "0") + UInt8(number / 10))
            bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
        }
    }

    /// The time of day as in `140322`.
    package var compactClockText: String { Self.padded(hour, 2) + Self.padded(minute, 2) + Self.padded(second, 2) }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
