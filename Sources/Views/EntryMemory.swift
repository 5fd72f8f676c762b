import Objects
import Synchronization

/// Entries that were asked for lately, as the tree told them.
///
/// What changed in the tree is dropped before anybody is told of it. Holds a bounded count; what it does not hold is asked
/// of the tree again.
final class EntryMemory: Sendable {
    /// About 200 bytes each.
    private static let countMax = 1 << 16

    private struct Known {
        var entry: Entry
        var moment: UInt64
    }

    private struct State {
        var known: [EntryNumber: Known] = [:]
        /// When names in a directory last came, went or changed; what is older is not known of what is in there.
        var renamed: [EntryNumber: UInt64] = [:]
        /// Goes up with every change.
        var moment: UInt64 = 0
        /// Whether every change comes here.
        var isTold = false
    }

    private let state = Mutex(State())

    /// From now on every change comes here, so entries may be remembered.
    func begin() {
        state.withLock { state in
            (state.known, state.isTold) = ([:], true)
            state.moment += 1
        }
    }

    /// Goes up with every change of the tree.
    var moment: UInt64 { state.withLock { $0.moment } }

    subscript(number: EntryNumber) -> Entry? {
        state.withLock { state in
            guard let known = state.known[number] else { return nil }
            if let renamed = state.renamed[known.entry.parent], renamed > known.moment { return nil }
            return known.entry
        }
    }

    /// Keeps what the tree was asked for at a moment, unless something has changed since.
    func keep(_ entries: some Sequence<Entry>, of moment: UInt64) {
        state.withLock { state in
            guard state.isTold, moment == state.moment else { return }
            for entry in entries {
                if state.known.count >= Self.countMax { state.known.removeAll(keepingCapacity: true) }
                state.known[entry.number] = Known(entry: entry, moment: moment)
            }
        }
    }

    /// Something changed; what is no longer as it was.
    func drop(_ invalidations: [Invalidation]) {
        state.withLock { state in
            state.moment += 1
            for invalidation in invalidations {
                switch invalidation {
                case .attributes(let number), .content(let number): state.known[number] = nil
                case .name(_, let directory):
                    if state.renamed.count >= Self.countMax {
                        state.renamed.removeAll()
                        state.known.removeAll(keepingCapacity: true)
                    }
                    state.renamed[directory] = state.moment
                }
            }
        }
    }
}
