import Synchronization

/// Counters in a row, which any thread may add to without waiting and without memory: one atomic addition each.
///
/// They only grow, and each is exact; several read together are of nearly the same instant.
package final class CounterTable: Sendable {
    package let count: Int
    /// Allocated and initialized once, freed with this object; each cell is atomic.
    nonisolated(unsafe) private let cells: UnsafeMutablePointer<Atomic<Int>>
    /// False: what counting costs is being measured.
    private let isCounting: Bool

    package init(count: Int, isCounting: Bool = true) {
        (self.count, self.isCounting) = (count, isCounting)
        cells = .allocate(capacity: count)
        for index in 0..<count { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    /// Adds to a counter; one that there is not is passed over.
    package func add(_ amount: Int = 1, at index: Int) {
        guard isCounting, index >= 0, index < count else { return }
        cells[index].wrappingAdd(amount, ordering: .relaxed)
    }

    package subscript(index: Int) -> Int {
        index >= 0 && index < count ? cells[index].load(ordering: .relaxed) : 0
    }
}
