package import Objects
import Peers
import Synchronization

/// The invitations that are out: each lets one device in, once, until it expires.
///
/// Kept in memory only.
package final class Invitations: Sendable {
    /// More at once than a person hands out.
    private static let openMax = 100

    private let random: any RandomSource
    private let time: any Timekeeper
    /// When each token expires.
    private let state = Mutex<[String: Timestamp]>([:])
    private let door = Mutex(())
    private let arrivals = Broadcast<Joined>(bufferCount: 16)

    /// A device that has joined.
    package struct Joined: Codable, Sendable, Hashable {
        package var name: String
        package var words: [String]
    }

    package init(random: any RandomSource, time: any Timekeeper) { (self.random, self.time) = (random, time) }

    /// A new token.
    func make(validFor duration: Duration) throws -> String {
        let token = Invitation.makeToken(random: random)
        let expires = Timestamp(milliseconds: time.now.milliseconds + duration.milliseconds)
        try state.withLock { open in
            open = open.filter { $0.value > time.now }
            guard open.count < Self.openMax else {
                throw CommandError("too many invitations are open: wait until one expires")
            }
            open[token] = expires
        }
        return token
    }

    /// Uses a token up; false if it is not one of ours, was used, or is too old.
    func claim(_ token: String) -> Bool {
        state.withLock { open in
            guard let expires = open.removeValue(forKey: token) else { return false }
            return expires > time.now
        }
    }

    /// Registers one newcomer after the other.
    func oneAtATime<Result>(_ body: () throws -> Result) throws -> Result {
        try door.withLock { _ in try body() }
    }

    /// Everybody who joins from now on.
    func joins() -> AsyncStream<Joined> { arrivals.listen() }

    func joined(_ device: Joined) { arrivals.tell(device) }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
    }
}
