package import Objects
import Synchronization

/// That something in the tree was used, as the policies want to know it.
package struct Use: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// A directory was opened for listing.
        case listed
        /// A file was opened for reading.
        case opened
        /// A file was read whose bytes were not here: somebody waits for a fetch. Once for each opening.
        case missed
    }

    /// As it was then.
    package var entry: Entry
    package var action: Action
    /// The program, where it was asked for anyway: at `missed`.
    package var program: String?
    /// By the wall clock.
    package var time: Timestamp

    package init(entry: Entry, action: Action, program: String? = nil, time: Timestamp) {
        (self.entry, self.action, self.program, self.time) = (entry, action, program, time)
    }
}

/// What was used, from those who use it to those who look at it later.
///
/// Noting never waits and wakes the reader at most once for each `take`; when the log is full the newest are lost.
package final class UseLog: Sendable {
    /// Uses that are kept until they are taken: about 150 bytes each.
    package static let countMax = 4_096

    private struct State {
        var uses: [Use] = []
        var lostCount = 0
    }

    private let state = Mutex(State())
    /// An element when there is something to take, for one reader; ends for good when that is cancelled.
    package let pulses: AsyncStream<Void>
    private let pulse: AsyncStream<Void>.Continuation

    package init() { (pulses, pulse) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func note(_ use: Use) {
        let isFirst = state.withLock { state in
            guard state.uses.count < Self.countMax else {
                state.lostCount += 1
                return false
            }
            state.uses.append(use)
            return state.uses.count == 1
        }
        if isFirst { pulse.yield() }
    }

    /// What was noted since the last call, in order, and how many were lost.
    package func take() -> (uses: [Use], lostCount: Int) {
        state.withLock { state in
            defer { state = State() }
            return (state.uses, state.lostCount)
        }
    }
}

extension View {
    /// Costs a look at the clock and an append.
    func note(_ entry: Entry, _ action: Use.Action, by program: String? = nil) {
        guard let uses, Self.isContent(entry) else { return }
        uses.note(Use(entry: entry, action: action, program: program, time: time.now))
    }

    /// Of what is below `.iom` only objects are.
    private static func isContent(_ entry: Entry) -> Bool {
        if case .object = entry.kind { return true }
        return entry.number & MachineNode.flag == 0 && entry.number != FixedEntry.machine
    }
}
