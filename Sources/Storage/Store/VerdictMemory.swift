package import Objects
import Synchronization

/// Verdicts in memory, in front of a log that outlives the process.
///
/// The log may come later: a catalog needs a store, and a store needs verdicts. A table in which each hash has one place,
/// which it loses to the next that has the same: bounded, and what it forgets is asked of the log or found out again.
package final class VerdictMemory: VerdictLog {
    private struct Verdict {
        var hash: ObjectHash
        var stamp: FileStamp
    }

    private struct State {
        /// A power of two; a hash has the place of its first digits.
        var places: [Verdict?] = Array(repeating: nil, count: VerdictMemory.placeCountMin)
        var count = 0
        var log: (any VerdictLog)?

        subscript(hash: ObjectHash) -> FileStamp? {
            guard let found = places[place(of: hash)], found.hash == hash else { return nil }
            return found.stamp
        }

        mutating func remember(_ verdict: Verdict) {
            if count * 2 > places.count, places.count < VerdictMemory.placeCountMax { grow() }
            let place = place(of: verdict.hash)
            if places[place] == nil { count += 1 }
            places[place] = verdict
        }

        private mutating func grow() {
            let old = places
            places = Array(repeating: nil, count: old.count * 4)
            count = 0
            for case let verdict? in old { remember(verdict) }
        }

        private func place(of hash: ObjectHash) -> Int {
            // The bytes of a hash are uniform already.
            let digits = (0..<4).reduce(0) { $0 << 8 | Int(hash[$1]) }
            return digits & (places.count - 1)
        }
    }

    /// Of 72 bytes each.
    private static let placeCountMin = 1 << 10
    private static let placeCountMax = 1 << 16

    private let state: Mutex<State>

    package init(log: (any VerdictLog)? = nil) { state = Mutex(State(log: log)) }

    /// Takes this log from now on, and tells it what was found until now.
    package func attach(_ log: any VerdictLog) {
        let verdicts = state.withLock { state in
            state.log = log
            return state.places.compactMap(\.self)
        }
        for verdict in verdicts { log.record(verdict.stamp, of: verdict.hash) }
    }

    /// Knows no log any more: a catalog that knows the store, and a store that knows the catalog, would keep each other.
    package func detach() { state.withLock { $0.log = nil } }

    package func verdict(of hash: ObjectHash) -> FileStamp? {
        let (stamp, log) = state.withLock { ($0[hash], $0.log) }
        if let stamp { return stamp }
        guard let stamp = log?.verdict(of: hash) else { return nil }
        remember(stamp, of: hash)
        return stamp
    }

    package func record(_ stamp: FileStamp, of hash: ObjectHash) {
        remember(stamp, of: hash)?.record(stamp, of: hash)
    }

    @discardableResult
    private func remember(_ stamp: FileStamp, of hash: ObjectHash) -> (any VerdictLog)? {
        state.withLock { state in
            state.remember(Verdict(hash: hash, stamp: stamp))
            return state.log
        }
    }
}
