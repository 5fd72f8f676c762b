package import Objects
import Peers
import Synchronization

/// The invitations that are out: each lets one device in, or makes one contact, once, until it expires.
///
/// Kept in memory only.
package final class Invitations: Sendable {
    /// More at once than a person hands out.
    private static let openMax = 100

    private let random: any RandomSource
    private let time: any Timekeeper
    private let state = Mutex<[String: Open]>([:])
    private let door = Mutex(())
    private let arrivals = Broadcast<Joined>(bufferCount: 16)
    private let meetings = Broadcast<Met>(bufferCount: 16)

    /// What an invitation is for; it is good for nothing else.
    package enum Kind: Sendable, Hashable {
        case device, contact
        /// Somebody who is to be one with the owner.
        case union
    }

    private struct Open {
        var kind: Kind
        var expires: Timestamp
    }

    /// Somebody who has become a contact.
    package struct Met: Codable, Sendable, Hashable {
        package var person: IDHash
        package var email: String
    }

    /// A device that has joined.
    package struct Joined: Codable, Sendable, Hashable {
        package var name: String
        package var words: [String]
    }

    package init(random: any RandomSource, time: any Timekeeper) { (self.random, self.time) = (random, time) }

    /// A new token.
    func make(_ kind: Kind, validFor duration: Duration) throws -> String {
        let token = Invitation.makeToken(random: random)
        let expires = Timestamp(milliseconds: time.now.milliseconds + duration.milliseconds)
        try state.withLock { open in
            open = open.filter { $0.value.expires > time.now }
            guard open.count < Self.openMax else {
                throw CommandError("too many invitations are open: wait until one expires")
            }
            open[token] = Open(kind: kind, expires: expires)
        }
        return token
    }

    /// Uses a token up; false if it is not one of ours, was used, or is too old.
    func claim(_ token: String, _ kind: Kind) -> Bool {
        state.withLock { open in
            guard open[token]?.kind == kind, let found = open.removeValue(forKey: token) else { return false }
            return found.expires > time.now
        }
    }

    /// Whether anybody is invited now.
    func isOpen(_ kind: Kind) -> Bool {
        state.withLock { open in open.values.contains { $0.kind == kind && $0.expires > time.now } }
    }

    /// Registers one newcomer after the other.
    func oneAtATime<Result>(_ body: () throws -> Result) throws -> Result {
        try door.withLock { _ in try body() }
    }

    /// Everybody who becomes a contact from now on.
    func meets() -> AsyncStream<Met> { meetings.listen() }

    func met(_ contact: Met) { meetings.tell(contact) }

    /// Everybody who joins from now on.
    func joins() -> AsyncStream<Joined> { arrivals.listen() }

    func joined(_ device: Joined) { arrivals.tell(device) }
}

extension Duration {
    var milliseconds: Double {
        Double(components.seconds) * 1_000 + Double(components.attoseconds) / 1e15
    }
}
