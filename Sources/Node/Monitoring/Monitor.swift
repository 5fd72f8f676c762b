import Objects
import Synchronization

/// The last snapshot: who reads one document after the other sees one instant.
final class Monitor: Sendable {
    /// A document is no older than this.
    static let ageMax = Duration.seconds(1)

    private let state = Mutex<(snapshot: Snapshot, time: Duration)?>(nil)

    /// The last snapshot if it is new enough, else one that is taken now.
    func current(at now: Duration, _ take: () throws -> Snapshot) throws -> Snapshot {
        try state.withLock { state in
            if let state, now - state.time < Self.ageMax { return state.snapshot }
            let snapshot = try take()
            state = (snapshot, now)
            return snapshot
        }
    }

    func keep(_ snapshot: Snapshot, at now: Duration) { state.withLock { $0 = (snapshot, now) } }
}

extension Node {
    /// How this instance is now; documents that are read within the next second say the same.
    package func freshSnapshot() throws -> Snapshot {
        let snapshot = try snapshot()
        monitor.keep(snapshot, at: time.elapsed)
        return snapshot
    }

    /// How this instance was within the last second.
    package func recentSnapshot() throws -> Snapshot {
        try monitor.current(at: time.elapsed) { try snapshot() }
    }
}
