/// A moment: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// ONE's times are milliseconds, possibly with a fraction (one-format 2.4).
    ///
    /// Out of range is clamped.
    package init(milliseconds: Double) {
        let whole = milliseconds.rounded(.down)
        guard whole.magnitude < Self.millisecondsMax else {
            nanoseconds = milliseconds.isNaN ? 0 : milliseconds < 0 ? .min : .max
            return
        }
        // Multiplied as a double, a time of today would be off by up to 128 ns.
        nanoseconds = Int64(whole) * 1_000_000 + Int64(((milliseconds - whole) * 1_000_000).rounded())
    }

    /// What 64 bits of nanoseconds can hold.
    private static let millisecondsMax = 9.2e12

    package var milliseconds: Double { Double(nanoseconds) / 1_000_000 }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
