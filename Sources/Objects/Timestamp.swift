/// A moment: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// ONE's times are milliseconds, possibly with a fraction (one-format 2.4).
    ///
    /// Out of range is clamped.
    package init(milliseconds: Double) {
        let nanoseconds = (milliseconds * 1_000_000).rounded()
        self.nanoseconds = nanoseconds.isNaN ? 0 : Int64(max(-9.2e18, min(9.2e18, nanoseconds)))
    }

    package var milliseconds: Double { Double(nanoseconds) / 1_000_000 }

    package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
