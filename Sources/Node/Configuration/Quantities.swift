extension Duration {
    /// `10s`, `5m`, `2h`, `30d`, `250ms`; nil for anything else.
    package init?(words: String) {
        let units: [(String, Int64)] = [
            ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        for (suffix, milliseconds) in units where words.hasSuffix(suffix) {
            guard let count = Int64(words.dropLast(suffix.count)), count >= 0 else { continue }
            let (product, overflow) = count.multipliedReportingOverflow(by: milliseconds)
            guard !overflow else { return nil }
            self = .milliseconds(product)
            return
        }
        return nil
    }

    /// As people write it: the largest unit it is a whole number of.
    package var words: String {
        let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        let units: [(String, Int64)] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
        guard let (suffix, unit) = units.first(where: { milliseconds % $0.1 == 0 }) else { return "\(milliseconds)ms" }
        return "\(milliseconds / unit)\(suffix)"
    }
}

/// A size in bytes, as people write it.
package struct ByteCount: Hashable, Sendable, CustomStringConvertible {
    package var value: Int
    package init(_ value: Int) { self.value = value }

    private static let units = [("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000)]

    /// `500MB`, `2GB`, `100kB` (also `KB`), `12B`; nil for anything else.
    package init?(words: String) {
        for (suffix, factor) in Self.units + [("KB", 1_000), ("B", 1)] where words.hasSuffix(suffix) {
            guard let count = Int(words.dropLast(suffix.count)), count >= 0 else { continue }
            let (product, overflow) = count.multipliedReportingOverflow(by: factor)
            guard !overflow else { return nil }
            value = product
            return
        }
        return nil
    }

    /// As people write it, exactly: the largest unit it is a whole number of.
    package var words: String {
        let unit = Self.units.last { value >= $0.1 && value % $0.1 == 0 }
        return unit.map { "\(value / $0.1)\($0.0)" } ?? "\(value)B"
    }

    /// Three significant digits: `1.05 MB`.
    package var description: String {
        for (suffix, factor) in Self.units.reversed() where value >= factor {
            let hundredths = value / (factor / 100)
            let (whole, rest) = (hundredths / 100, hundredths % 100)
            return whole >= 100
                ? "\(whole) \(suffix)"
                : whole >= 10 ? "\(whole).\(rest / 10) \(suffix)" : "\(whole).\(rest < 10 ? "0" : "")\(rest) \(suffix)"
        }
        return "\(value) B"
    }
}
