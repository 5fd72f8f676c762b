import Fuse
import Synchronization

/// Processes under which nothing may be fetched, as long as they last.
package final class LocalOnlyRuns: Sendable {
    private let processes = Mutex<[Int32: Int]>([:])
    /// Whether a process is below one of these.
    private let isBelow: @Sendable (Int32, Set<Int32>) -> Bool

    package init(
        isBelow: @escaping @Sendable (Int32, Set<Int32>) -> Bool = { Processes.isProcess($0, below: $1) }
    ) {
        self.isBelow = isBelow
    }

    func begin(_ processID: Int32) { processes.withLock { $0[processID, default: 0] += 1 } }

    func end(_ processID: Int32) {
        processes.withLock { processes in
            let count = (processes[processID] ?? 0) - 1
            processes[processID] = count > 0 ? count : nil
        }
    }

    func covers(_ processID: Int32) -> Bool {
        let processes = Set(processes.withLock { Array($0.keys) })
        return !processes.isEmpty && isBelow(processID, processes)
    }
}
