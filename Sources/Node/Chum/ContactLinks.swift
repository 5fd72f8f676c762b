import Catalog
import Objects
package import Peers
import Synchronization

/// The live sessions with contacts: one for each pair of instance keys (one-protocol 1.8).
package final class ContactLinks: Sendable {
    /// A second session this soon is one too many; a later one takes the place of the first.
    private static let duplicateTimeMax = Duration.seconds(2)

    private let catalog: Catalog
    private let events: EventLog
    private let time: any Timekeeper
    /// What this instance is called.
    private let own: String
    /// What became of the connections with each of their instances.
    let book: ConnectionBook
    private let state = Mutex(State())
    private let changed = Broadcast<Void>(bufferCount: 1)

    private struct Key: Hashable {
        var local: [UInt8]
        var remote: [UInt8]

        init(_ session: ChumSession) { (local, remote) = (session.localKey, session.remoteKey) }
    }

    private struct Link {
        var session: ChumSession
        var asking: ContactAsking
        var began: Duration
    }

    private struct State {
        var links: [Key: Link] = [:]
        /// Sessions there were, by the other side's key.
        var begun: [[UInt8]: Int] = [:]
        var held = HeldContacts()
    }

    init(catalog: Catalog, events: EventLog, time: any Timekeeper, own: String) {
        (self.catalog, self.events, self.time, self.own) = (catalog, events, time, own)
        book = ConnectionBook(time: time)
    }

    /// Tells of the objects that come and go, until cancelled.
    func noteMoves() async { await book.tellMoves(in: events, as: own, time: time) }

    /// Takes a session in; false if it is one too many.
    func add(_ session: ChumSession) -> Bool {
        let now = time.elapsed
        let (isTaken, former) = state.withLock { state -> (Bool, ChumSession?) in
            let former = state.links[Key(session)]
            if let former, former.session.endReason == nil, now - former.began < Self.duplicateTimeMax {
                return (false, nil)
            }
            state.begun[session.remoteKey, default: 0] += 1
            state.links[Key(session)] = Link(session: session, asking: ContactAsking(session, time: time), began: now)
            return (true, former?.session)
        }
        former?.disconnect("New connection replaced old one")
        guard isTaken else { return false }
        book.began(session)
        changed.tell()
        events.record(.connectionEstablished, source: session.peer.email, details: "at \(session.remoteAddress)")
        return true
    }

    func remove(_ session: ChumSession) {
        let isLast = state.withLock { state in
            if state.links[Key(session)]?.session === session { state.links[Key(session)] = nil }
            return !state.links.values.contains { $0.session.peer.instanceID == session.peer.instanceID }
        }
        book.ended(session, isLast: isLast)
        changed.tell()
        book.tellMoved(in: events, as: own)
        let end = session.endReason
        if case .violated(let reason)? = end { return broke(session.peer.personID, session.peer.email, reason) }
        events.record(
            .connectionClosed,
            source: session.peer.email,
            details: end?.reason,
            failed: end?.isError ?? false
        )
    }

    /// A contact broke the protocol: it is told once, and the contact held off for a while.
    func broke(_ person: IDHash, _ name: String, _ reason: String) {
        let pause = state.withLock { $0.held.hold(person, at: time.elapsed) }
        let words = "\(reason); it is disconnected, and held off for \(pause.components.seconds) seconds"
        events.record(.protocolBroken, source: name, details: words, failed: true)
    }

    /// How much longer a contact is held off that broke the protocol; nil: it is not.
    func heldOff(_ person: IDHash) -> Duration? { state.withLock { $0.held.rest(of: person, at: time.elapsed) } }

    /// An instance of a contact could not be dialled, or the connection broke before it was a session.
    func failed(dialling endpoint: KnownEndpoint, of email: String, _ error: PeerError) {
        guard error.isError, !isConnected(toKey: endpoint.instanceKey) else { return }
        let party = ConnectionBook.Party(
            id: endpoint.instanceID,
            name: email,
            role: Snapshot.Connection.contactRole
        )
        book.failed(party, error.reason)
        // Of who broke the protocol it is told already.
        guard heldOff(endpoint.personID) == nil else { return }
        events.record(.connectionFailed, source: email, details: error.reason, failed: true)
    }

    /// In order of name.
    package var sessions: [ChumSession] {
        state.withLock { $0.links.values.map(\.session) }.sorted { $0.peer.name < $1.peer.name }
    }

    package func isConnected(toKey key: [UInt8]) -> Bool {
        state.withLock { state in state.links.contains { $0.key.remote == key && $0.value.session.endReason == nil } }
    }

    /// How many sessions there were with an instance.
    func sessionCount(withKey key: [UInt8]) -> Int { state.withLock { $0.begun[key] ?? 0 } }

    /// Contacts that are connected and have told of an object.
    func holders(of hash: ObjectHash) -> [Holder] {
        let links = state.withLock { Array($0.links.values) }
        guard !links.isEmpty, let names = try? catalog.holders(of: hash) else { return [] }
        return links.filter { names.contains($0.session.peer.name) }
            .sorted { $0.session.peer.name < $1.session.peer.name }
            .map { Holder($0.asking) }
    }

    /// A wake-up whenever a session begins or ends.
    func changes() -> AsyncStream<Void> { changed.listen() }

    /// All that a contact offers has been looked at.
    func finishedRound(_ peer: ChumPeer) { rounds.tell(peer.name) }

    private let rounds = Broadcast<String>(bufferCount: 16)
}
