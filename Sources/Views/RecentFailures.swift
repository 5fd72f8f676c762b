import Objects
import Synchronization

/// Fetches that failed a moment ago, for readers that waited for them without having asked.
///
/// When reading ahead fails, the kernel at once asks again for less; and of several readers of one page it lets one ask,
/// and then the next. A deadline that has passed would be waited for once more by each.
final class RecentFailures: Sendable {
    struct Failure {
        /// Goes up.
        let serial: UInt64
        let error: ObjectError
        let range: Range<Int>
        let moment: Duration
    }

    /// How soon after a failure the same question is the kernel's and not a program's.
    private static let repeatedWithin: Duration = .milliseconds(500)
    /// So many objects are remembered before the old ones are looked for.
    private static let objectsMax = 1_024

    private struct State {
        var lastSerial: UInt64 = 0
        var failures: [ObjectHash: [Failure]] = [:]
    }

    private let state = Mutex(State())

    func note(_ error: ObjectError, in range: Range<Int>, of hash: ObjectHash, at moment: Duration) {
        guard error != .cancelled, error != .fetchNotAllowed else { return }
        state.withLock { state in
            if state.failures.count >= Self.objectsMax {
                state.failures = state.failures.filter { $0.value.contains { Self.isRecent($0, at: moment) } }
            }
            state.lastSerial += 1
            let failure = Failure(serial: state.lastSerial, error: error, range: range, moment: moment)
            let others = state.failures[hash]?.filter { Self.isRecent($0, at: moment) } ?? []
            state.failures[hash] = others + [failure]
        }
    }

    /// The newest one in this range.
    func last(in range: Range<Int>, of hash: ObjectHash, at moment: Duration) -> Failure? {
        state.withLock { state in
            state.failures[hash]?.last { $0.range.overlaps(range) && Self.isRecent($0, at: moment) }
        }
    }

    private static func isRecent(_ failure: Failure, at moment: Duration) -> Bool {
        moment - failure.moment < repeatedWithin
    }
}
