import Objects

extension Timestamp {
    /// For people, to the second.
    package var words: String {
        let time = CivilTime(milliseconds: milliseconds)
        return "\(time.dayText) \(time.clockText) UTC"
    }

    /// Of milliseconds since 1970.
    init(wholeMilliseconds: Int64) { self.init(nanoseconds: wholeMilliseconds * 1_000_000) }

    /// Since 1970.
    package var wholeMilliseconds: Int64 { nanoseconds / 1_000_000 }
}
