import Objects
import Peers
import Synchronization

/// What became of the connections with each other instance since the start, and what moved over them.
package final class ConnectionBook: Sendable {
    /// Nobody has so many devices; what further ones do is counted with nobody.
    private static let peersMax = 1_024
    private static let wordsMax = 200
    /// So many sessions may still be closing; those before have closed.
    fileprivate static let endingMax = 4

    /// An instance at the other end, of the owner or of a contact.
    struct Party: Hashable, Sendable {
        var id: IDHash
        var name: String
        var role: String
    }

    /// One peer, as it was left by its last session.
    struct Record: Sendable {
        var name: String
        var role: String
        let transfers: TransferCounters
        /// Objects of which the events tell already.
        var noted = Moved()
        var state = Snapshot.Connection.State.never
        var address: String?
        var isInitiator: Bool?
        var isRelayed: Bool?
        var since: Timestamp?
        var sessions = 0
        /// Of the sessions that have ended, but for the last few.
        var earlier = ByteCounts()
        /// Those: the words of a close still go out, and what is under way still comes, when a session is over.
        var ending: [ByteMeter] = []
        /// What was told last of all sessions.
        var told = ByteCounts()
        var errors = 0
        var lastError: String?
        var closeReason: String?
        var roundTrip: Duration?
        var sync = SyncRecord()
        /// What it said of its room, and when.
        var room: Snapshot.Room?
        /// Of the protocol, as it said at the beginning of its last session.
        var protocolNumber: Int?
    }

    /// Objects that went each way.
    struct Moved: Sendable {
        var received = 0
        var sent = 0
    }

    /// An element when objects have moved; for one task.
    private let moves: AsyncStream<Void>
    private let moved: AsyncStream<Void>.Continuation
    private let time: any Timekeeper
    private let state = Mutex<[IDHash: Record]>([:])

    init(time: any Timekeeper) {
        self.time = time
        (moves, moved) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The counters of a peer; the same for all of its sessions.
    func transfers(with party: Party) -> TransferCounters {
        change(party) { $0.transfers } ?? TransferCounters(time: time)
    }

    func began(_ session: some LiveSession) {
        let now = time.now
        change(session.party) { record in
            record.sessions += 1
            // One more session with who is connected is no news.
            if record.state != .connected { record.since = now }
            (record.state, record.address) = (.connected, session.remoteAddress)
            (record.isInitiator, record.isRelayed) = (session.isInitiator, session.isRelayed)
        }
    }

    /// `isLast`: no other session with this peer is left.
    func ended(_ session: some LiveSession, isLast: Bool) {
        let now = time.now
        let (meter, end) = (session.byteMeter, session.endReason)
        change(session.party) { record in
            record.add(ending: meter)
            record.roundTrip = session.roundTrip ?? record.roundTrip
            record.closeReason = end.map { String($0.reason.prefix(Self.wordsMax)) }
            if let end, end.isError { record.fail(end.reason) }
            if isLast { (record.state, record.since) = (.closed, now) }
        }
    }

    /// Bytes of all sessions, or what was told of them before if that is more.
    ///
    /// A session that ends just now is for a moment neither among those that live nor among those that have ended; a
    /// counter takes nothing back.
    func told(_ counts: ByteCounts, of party: Party) -> ByteCounts {
        change(party) { record in
            record.told.received = max(record.told.received, counts.received)
            record.told.sent = max(record.told.sent, counts.sent)
            return record.told
        } ?? counts
    }

    /// It could not be dialled.
    func failed(_ party: Party, _ words: String) { change(party) { $0.fail(words) } }

    /// It does not want this instance; `isDial`: no session has ended by that.
    func refused(by party: Party, _ words: String, isDial: Bool) {
        let now = time.now
        change(party) { record in
            if isDial { record.fail(words) }
            guard record.state != .connected else { return }
            if record.state != .refused { record.since = now }
            (record.state, record.closeReason) = (.refused, words)
        }
    }

    /// Notes something about a peer.
    @discardableResult
    func change<Result: Sendable>(_ party: Party, _ body: (inout Record) -> Result) -> Result? {
        state.withLock { records in
            var record: Record
            if let known = records[party.id] {
                record = known
            } else {
                guard records.count < Self.peersMax else { return nil }
                let transfers = TransferCounters(time: time, moved: moved)
                record = Record(name: party.name, role: party.role, transfers: transfers)
            }
            (record.name, record.role) = (party.name, party.role)
            defer { records[party.id] = record }
            return body(&record)
        }
    }

    /// The same about an own peer.
    @discardableResult
    func change<Result: Sendable>(_ member: Member, _ body: (inout Record) -> Result) -> Result? {
        change(member.party, body)
    }

    /// Objects that moved since this was asked last, by name of the peer.
    private func takeMoved() -> [(name: String, moved: Moved)] {
        state.withLock { records in
            records.keys.compactMap { id in
                guard let record = records[id] else { return nil }
                let now = Moved(
                    received: record.transfers.reading(.received).objects,
                    sent: record.transfers.reading(.sent).objects
                )
                let new = Moved(received: now.received - record.noted.received, sent: now.sent - record.noted.sent)
                guard new.received > 0 || new.sent > 0 else { return nil }
                records[id]?.noted = now
                return (record.name, new)
            }
        }
    }

    var records: [IDHash: Record] { state.withLock { $0 } }
}

extension ConnectionBook {
    /// Objects that move within this time are told of together.
    private static let movePause = Duration.seconds(2)

    /// Tells of the objects that came to this instance and went from it since the last time, many in one event.
    func tellMoved(in events: EventLog, as own: String) {
        for (peer, moved) in takeMoved() {
            if moved.received > 0 {
                events.record(.objectReceived, source: peer, target: own, count: moved.received)
            }
            if moved.sent > 0 { events.record(.objectSent, source: own, target: peer, count: moved.sent) }
        }
    }

    /// The same as they move, until cancelled: the first at once, those that follow it together.
    func tellMoves(in events: EventLog, as own: String, time: any Timekeeper) async {
        for await _ in moves {
            tellMoved(in: events, as: own)
            guard (try? await time.sleep(for: Self.movePause)) != nil else { break }
        }
        tellMoved(in: events, as: own)
    }
}

extension ConnectionBook.Record {
    /// Of the sessions that have ended.
    var ended: ByteCounts { ending.reduce(earlier) { $0 + $1() } }

    fileprivate mutating func add(ending meter: @escaping ByteMeter) {
        ending.append(meter)
        if ending.count > ConnectionBook.endingMax { earlier = earlier + ending.removeFirst()() }
    }

    mutating func fail(_ words: String) {
        errors += 1
        lastError = String(words.prefix(200))
    }
}

extension PeerError {
    /// Whether something went wrong, and not just to an end.
    var isError: Bool {
        switch self {
        case .closed(let reason): reason == PeerError.lost
        case .cancelled: false
        case .unreachable, .violated, .timedOut, .refused: true
        }
    }
}
