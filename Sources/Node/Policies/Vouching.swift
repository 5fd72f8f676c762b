package import Objects

/// What an instance owes to those who drop bytes on its word.
///
/// Who keeps everything vouches for what it proves to have, and others drop their copies on that. Two promises follow, and
/// with them no circle of instances can drop an object by trusting one another:
///
/// 1. It drops nothing until every confirmation it gave has run out, whatever it has become meanwhile.
/// 2. What others confirmed to it before it vouched for the last time does not count any more (`turn`).
///
/// The second alone is enough to keep a copy, and needs no clock: follow a lost object from who dropped it to who had
/// confirmed it, who dropped it later, and so on; each asked after it vouched to the one before, so each asked later than
/// the one before, and there is no circle of that. The first is what makes a confirmation true for as long as it counts.
package struct Vouching: Hashable, Codable, Sendable {
    /// How long a confirmation counts after it was asked for.
    ///
    /// A device that was with its archive in the evening can make room all the next day; and an archive that is made
    /// something else has to wait no longer than that before it can.
    package static let lifetime = Duration.seconds(24 * 3600)
    /// Written down so far ahead, so that not every answer waits for the disk.
    private static let ahead = Duration.seconds(600)

    /// Not before it vouched for the last time; nil: it never did.
    private var vouched: Timestamp?
    /// What was asked for in it counts.
    package private(set) var turn: Int64
    /// Somebody may have been asked in it.
    private var isTurnUsed = true

    enum CodingKeys: String, CodingKey { case vouched, turn }

    /// Of an instance that has never vouched; `turn` is a number no other one began with.
    package init(turn: Int64) { self.turn = turn }

    /// Others are asked now.
    ///
    /// - Returns: the turn in which that is.
    package mutating func ask() -> Int64 {
        isTurnUsed = true
        return turn
    }

    /// It vouches now.
    ///
    /// - Returns: whether this is to be made durable before anybody hears of it.
    package mutating func vouch(at now: Timestamp) -> Bool {
        let before = self
        if isTurnUsed { (turn, isTurnUsed) = (turn + 1, false) }
        if vouched.map({ $0 < now || $0 > now + Self.ahead }) ?? true { vouched = now + Self.ahead }
        return (vouched, turn) != (before.vouched, before.turn)
    }

    /// Until when it may drop nothing; nil if it may.
    package mutating func promise(at now: Timestamp) -> Timestamp? {
        guard let vouched else { return nil }
        // The clock was set back: all that is known is that it was no later than now.
        let latest = min(vouched, now + Self.ahead)
        self.vouched = latest
        let end = latest + Self.lifetime
        return end > now ? end : nil
    }
}

extension Timestamp {
    static func + (time: Self, duration: Duration) -> Self {
        let (seconds, attoseconds) = duration.components
        return Self(nanoseconds: time.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    static func - (later: Self, earlier: Self) -> Duration {
        .nanoseconds(later.nanoseconds - earlier.nanoseconds)
    }
}
