import Objects
import Synchronization

/// What the numbers of machine things that do not tell it themselves stand for, for as long as the kernel knows them.
///
/// A number stands for one thing while anybody counts on it: two hashes with the same first bits (they can be made)
/// get different numbers. Bounded by what the kernel keeps, which it gives back by FORGET.
final class NodeTable: Sendable {
    private struct Known {
        var place: MachinePlace
        var count: UInt64
    }

    private let known = Mutex<[EntryNumber: Known]>([:])

    /// What a number stands for.
    subscript(number: EntryNumber) -> MachinePlace? {
        known.withLock { $0[number]?.place }
    }

    /// Count of numbers somebody counts on.
    var count: Int { known.withLock { $0.count } }

    /// The number of a thing, counted on until as many `forget` as `retain`.
    func retain(_ place: MachinePlace) -> EntryNumber {
        known.withLock { known in
            var number = place.node.number(isTop: place.isTop)
            while let other = known[number], other.place != place { number = MachineNode.number(after: number) }
            known[number, default: Known(place: place, count: 0)].count &+= 1
            return number
        }
    }

    /// Gives back this many of what `retain` counted.
    func forget(_ number: EntryNumber, _ count: UInt64) {
        known.withLock { known in
            guard let entry = known[number] else { return }
            if entry.count > count {
                known[number]?.count = entry.count - count
            } else {
                known[number] = nil
            }
        }
    }
}
