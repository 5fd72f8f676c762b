import Catalog

/// The queues of `Replacement` in memory, for replaying traces; decides nothing.
struct MemoryShelf: ReplacementShelf {
    typealias Item = ReplacementItem<Int>

    /// A queue in order of places; what was taken out stays in it until there is much of that.
    private struct Line {
        var entries: [(place: Int64, key: Int)] = []
        var first = 0
        var count = 0
        var charge = 0
    }

    private var items: [Int: Item] = [:]
    private var lines = [Line](repeating: Line(), count: ReplacementQueue.allCases.count)
    private var last: Int64 = 0

    func item(_ key: Int) -> Item? { items[key] }

    mutating func append(_ item: Item) {
        last += 1
        var item = item
        item.place = last
        items[item.key] = item
        lines[item.queue.rawValue].entries.append((last, item.key))
        count(item, 1)
    }

    mutating func update(_ item: Item) { items[item.key] = item }

    mutating func remove(_ item: Item) {
        items[item.key] = nil
        count(item, -1)
        let queue = item.queue.rawValue
        while lines[queue].first < lines[queue].entries.count, !isThere(lines[queue].entries[lines[queue].first]) {
            lines[queue].first += 1
        }
        guard lines[queue].entries.count > 2 * lines[queue].count + 1000 else { return }
        lines[queue].entries = lines[queue].entries[lines[queue].first...].filter { isThere($0) }
        lines[queue].first = 0
    }

    func oldest(in queue: ReplacementQueue, after place: Int64?) -> Item? {
        let line = lines[queue.rawValue]
        var (low, high) = (line.first, line.entries.count)
        while let place, low < high {
            let middle = (low + high) / 2
            if line.entries[middle].place <= place { low = middle + 1 } else { high = middle }
        }
        while low < line.entries.count {
            if isThere(line.entries[low]) { return items[line.entries[low].key] }
            low += 1
        }
        return nil
    }

    func total(of queue: ReplacementQueue) -> (count: Int, charge: Int) {
        (lines[queue.rawValue].count, lines[queue.rawValue].charge)
    }

    private func isThere(_ entry: (place: Int64, key: Int)) -> Bool { items[entry.key]?.place == entry.place }

    private mutating func count(_ item: Item, _ sign: Int) {
        lines[item.queue.rawValue].count += sign
        lines[item.queue.rawValue].charge += sign * item.charge
    }
}
