import Objects

extension Fetcher {
    /// How many flights stand in line at each holder, by its name.
    var lineLengths: [String: Int] {
        let names = flights.compactMap { $0.route.waitingAt?.name }
        return Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// Flights that stand in line at a holder.
    var waitingCount: Int { lineLengths.values.reduce(0, +) }

    /// What is on its way, small and large; nil: how large is not known.
    var underway: [ObjectHash: Int?] {
        let flying = flights.map { ($0.hash, $0.route.known?.byteCount) }
        return Dictionary(flying + large.underway) { first, _ in first }
    }
}
