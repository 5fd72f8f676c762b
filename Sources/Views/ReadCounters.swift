import Objects

/// Files that were opened in mounts, and where their bytes were.
package final class ReadCounters: Sendable {
    package enum Kind: Int, CaseIterable, Sendable {
        /// Opened, and its bytes were here.
        case hit
        /// Read, and some of its bytes had to be asked of another instance; once for each opening.
        case miss
        /// A program was not let through to another instance.
        case refused
    }

    private let counters: CounterTable

    package init(isCounting: Bool = true) {
        counters = CounterTable(count: Kind.allCases.count, isCounting: isCounting)
    }

    func add(_ kind: Kind) { counters.add(at: kind.rawValue) }

    package subscript(kind: Kind) -> Int { counters[kind.rawValue] }
}
