/// A set of code units, as a regular expression of JavaScript names it.
struct CharacterClass: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    static let digit = Self(ranges: [0x30...0x39])
    static let word = Self(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = Self(ranges: [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    static let lineEnd = Self(ranges: [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])
    static let any = Self(ranges: [0...UInt32.max])

    /// Whether JavaScript takes this for white space.
    static func isSpace(_ unit: UInt32) -> Bool { space.contains(unit) }

    var inverted: Self { Self(ranges: ranges, isNegated: !isNegated) }

    func contains(_ unit: UInt32) -> Bool { ranges.contains { $0.contains(unit) } != isNegated }

    /// Whether this has the unit in upper or in lower case.
    func containsAnyCase(_ unit: UInt32) -> Bool {
        let variants = [unit, Self.upper(unit), Self.lower(unit)]
        return variants.contains { variant in ranges.contains { $0.contains(variant) } } != isNegated
    }

    /// Adds the members of another class, which may be negated.
    mutating func formUnion(_ other: Self) {
        guard other.isNegated else {
            ranges += other.ranges
            return
        }
        var next: UInt32 = 0
        for range in other.ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if range.lowerBound > next { ranges.append(next...(range.lowerBound - 1)) }
            guard range.upperBound < UInt32.max else { return }
            next = max(next, range.upperBound + 1)
        }
        ranges.append(next...UInt32.max)
    }

    private static func upper(_ unit: UInt32) -> UInt32 {
        single(Unicode.Scalar(unit)?.properties.uppercaseMapping) ?? unit
    }

    private static func lower(_ unit: UInt32) -> UInt32 {
        single(Unicode.Scalar(unit)?.properties.lowercaseMapping) ?? unit
    }

    private static func single(_ text: String?) -> UInt32? {
        guard let scalars = text?.unicodeScalars, scalars.count == 1 else { return nil }
        return scalars.first?.value
    }
}
