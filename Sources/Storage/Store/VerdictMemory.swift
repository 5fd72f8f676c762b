package import Objects
import Synchronization

/// Verdicts in memory, in front of a log that outlives the process.
///
/// The log may come later: a catalog needs a store, and a store needs verdicts. Holds a bounded count; what it forgets is
/// asked of the log or found out again.
package final class VerdictMemory: VerdictLog {
    private struct State {
        var stamps: [ObjectHash: FileStamp] = [:]
        var log: (any VerdictLog)?
    }

    /// About 100 bytes each.
    private static let countMax = 100_000

    private let state: Mutex<State>

    package init(log: (any VerdictLog)? = nil) { state = Mutex(State(log: log)) }

    /// Takes this log from now on, and tells it what was found until now.
    package func attach(_ log: any VerdictLog) {
        let stamps = state.withLock { state in
            state.log = log
            return state.stamps
        }
        for (hash, stamp) in stamps { log.record(stamp, of: hash) }
    }

    /// Knows no log any more: a catalog that knows the store, and a store that knows the catalog, would keep each other.
    package func detach() { state.withLock { $0.log = nil } }

    package func verdict(of hash: ObjectHash) -> FileStamp? {
        let (stamp, log) = state.withLock { ($0.stamps[hash], $0.log) }
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
            if state.stamps.count >= Self.countMax { state.stamps.removeAll(keepingCapacity: true) }
            state.stamps[hash] = stamp
            return state.log
        }
    }
}
