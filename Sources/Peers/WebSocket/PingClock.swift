import NIOCore
import Synchronization

/// The pings of one WebSocket: when the last one went out, and how long the answer to one took.
final class PingClock: Sendable {
    private struct State {
        var number: UInt64 = 0
        var sent: NIODeadline?
        var roundTrip: Duration?
    }

    private let state = Mutex(State())

    /// A ping goes out now.
    ///
    /// - Returns: what it has in it.
    func begin() -> [UInt8] {
        state.withLock { state in
            state.number += 1
            state.sent = .now()
            return Self.payload(state.number)
        }
    }

    /// An answer; one that is not to the last ping tells nothing.
    func answered(_ payload: [UInt8]) {
        state.withLock { state in
            guard let sent = state.sent, payload == Self.payload(state.number) else { return }
            state.sent = nil
            state.roundTrip = .nanoseconds((NIODeadline.now() - sent).nanoseconds)
        }
    }

    var roundTrip: Duration? { state.withLock { $0.roundTrip } }

    private static func payload(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
