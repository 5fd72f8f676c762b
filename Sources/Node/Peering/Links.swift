package import Catalog
package import Objects
package import Peers
import Synchronization

/// The live sessions with own peers, and who of them can be asked for what.
package final class Links: HolderDirectory {
    /// Fetch errors that are remembered for `user.iom.error`.
    private static let errorsMax = 10_000

    private let catalog: Catalog
    private let events: EventLog
    /// Name of the peer that is asked first (`load_on_demand.provider`).
    private let preferred: String?
    /// What this instance calls itself when it asks.
    private let requester: String
    private let origins: OriginBook
    /// Contacts, who may have what nobody here has.
    private let contacts: ContactLinks?
    /// How fast each of them was.
    let rates: RateBook
    /// What became of the connections with each of them.
    let book: ConnectionBook
    private let state = Mutex(State())
    private let changed = Broadcast<Void>(bufferCount: 1)
    private let called = Broadcast<Void>(bufferCount: 1)

    private struct State {
        var sessions: [IDHash: [IoMSession]] = [:]
        var errors: [ObjectHash: ObjectError] = [:]
        /// Names of peers that do not want this instance, until one of their sessions begins.
        var refusing: Set<String> = []
        /// Dials that have not ended for the first time yet; nil before any was started.
        var unsettled: Int?

        mutating func remember(_ error: ObjectError, of hash: ObjectHash) {
            if errors.count >= Links.errorsMax { errors.removeAll() }
            errors[hash] = error
        }
    }

    package init(
        catalog: Catalog,
        events: EventLog,
        contacts: ContactLinks? = nil,
        origins: OriginBook,
        time: any Timekeeper,
        preferred: String?,
        requester: String
    ) {
        (self.catalog, self.events, self.origins, self.contacts) = (catalog, events, origins, contacts)
        (self.preferred, self.requester, rates) = (preferred, requester, RateBook(time: time))
        book = ConnectionBook(time: time)
    }

    // MARK: Sessions

    func add(_ session: IoMSession) {
        state.withLock { state in
            state.sessions[session.member.registration.instanceID, default: []].append(session)
            state.refusing.remove(session.member.name)
        }
        book.began(session)
        changed.tell()
        // The address has another port each time, and would make of each connection another thing.
        events.record(.connectionEstablished, source: session.member.name, details: "at \(session.remoteAddress)")
    }

    func remove(_ session: IoMSession) {
        let isLast = state.withLock { state in
            let id = session.member.registration.instanceID
            state.sessions[id]?.removeAll { $0 === session }
            if state.sessions[id]?.isEmpty == true { state.sessions[id] = nil }
            return state.sessions[id] == nil
        }
        book.ended(session, isLast: isLast)
        changed.tell()
        noteMoved()
        let end = session.endReason
        events.record(
            .connectionClosed,
            source: session.member.name,
            details: end?.reason,
            failed: end?.isError ?? false
        )
    }

    /// Tells of the objects that came and went since the last time, many in one event.
    private func noteMoved() { book.tellMoved(in: events, as: requester) }

    /// The same as they move, until cancelled.
    func noteMoves(time: any Timekeeper) async { await book.tellMoves(in: events, as: requester, time: time) }

    /// All sessions with each connected instance.
    var allSessions: [IDHash: [IoMSession]] { state.withLock { $0.sessions } }

    /// One session with each connected instance, in order of name.
    package var sessions: [IoMSession] {
        state.withLock { $0.sessions.values.compactMap(\.first) }.sorted { $0.member.name < $1.member.name }
    }

    package func isConnected(to instance: IDHash) -> Bool { state.withLock { $0.sessions[instance] != nil } }

    /// Ends every session with an instance at once.
    package func disconnect(_ instance: IDHash, reason: String) {
        for session in state.withLock({ $0.sessions[instance] ?? [] }) { session.disconnect(reason) }
    }

    /// Sessions with a peer since the start.
    func sessionCount(with member: Member) -> Int { book.change(member) { $0.sessions } ?? 0 }

    /// A peer does not let this instance in, for this reason; told of once.
    ///
    /// `isDial`: it said so when it was dialled, not at the end of a session.
    func refused(by member: Member, reason: String, isDial: Bool) {
        book.refused(by: member.party, reason, isDial: isDial)
        guard state.withLock({ $0.refusing.insert(member.name).inserted }) else { return }
        events.record(.connectionClosed, source: member.name, details: "refused: \(reason)", failed: true)
    }

    /// A peer could not be dialled, or the connection broke before it was a session.
    func failed(dialling member: Member, _ error: PeerError) {
        guard error.isError, !isConnected(to: member.registration.instanceID) else { return }
        book.failed(member.party, error.reason)
        events.record(.connectionFailed, source: member.name, details: error.reason, failed: true)
    }

    /// Objects of which the last fetch failed, as far as that is remembered.
    var failedCount: Int { state.withLock { $0.errors.count } }

    /// A wake-up whenever a session begins or ends.
    package func changes() -> AsyncStream<Void> { changed.listen() }

    /// Somebody needs another instance now: dials that pause are made at once.
    private func call() { called.tell() }

    /// An element whenever another instance is needed; never more than one waiting.
    func calls() -> AsyncStream<Void> { called.listen() }

    // MARK: Holders

    package func holders(of hash: ObjectHash) -> [Holder] {
        let sessions = sessions
        if sessions.isEmpty { call() }
        // Where there is no choice, nobody needs to know.
        let known = sessions.count > 1 ? Set((try? catalog.holders(of: hash)) ?? []) : []
        let ranked = sessions.map { session -> (rank: Int, session: IoMSession) in
            let (name, role) = (session.member.name, session.member.registration.storageRole)
            let rank = (name == preferred ? 0 : 4) + (known.contains(name) ? 0 : 2) + (role == "archive" ? 0 : 1)
            return (rank, session)
        }
        return ranked.sorted { $0.rank < $1.rank }.map { _, session in
            rates.metered(Holder(session, requester: requester))
        } + (contacts?.holders(of: hash).map(rates.metered) ?? [])
    }

    /// Instances that have every message, the best to ask first.
    var sessionsWithDetails: [IoMSession] {
        let sessions = sessions
        if sessions.isEmpty { call() }
        let ranked = sessions.map { session -> (rank: Int, session: IoMSession) in
            let (name, role) = (session.member.name, session.member.registration.storageRole)
            return (rank: (name == preferred ? 0 : 2) + (role == Role.archive.rawValue ? 0 : 1), session)
        }
        return ranked.sorted { $0.rank < $1.rank }.map(\.session)
    }

    package func absence(of hash: ObjectHash) -> ObjectError {
        state.withLock { state in
            guard let peer = state.refusing.min() else { return .unreachable }
            state.remember(.refused(by: peer), of: hash)
            return .refused(by: peer)
        }
    }

    package func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject? { try catalog.known(hash)?.object }

    package func olderVersions(of hash: ObjectHash) -> [KnownObject] { (try? catalog.olderVersions(of: hash)) ?? [] }

    package func stored(_ objects: [(object: KnownObject, holder: String)]) {
        state.withLock { state in
            guard !state.errors.isEmpty else { return }
            for (object, _) in objects { state.errors[object.hash] = nil }
        }
        try? catalog.record(objects.map { .object($0.object, held: true) }, from: nil)
        origins.arrived(objects)
    }

    package func failed(_ hash: ObjectHash, _ error: ObjectError, at holder: String?) {
        state.withLock { $0.remember(error, of: hash) }
        guard error != .unreachable else { return }
        let kind: EventLog.Kind = if case .damaged = error { .corruptObject } else { .fetchFailed }
        events.record(kind, source: holder, target: hash.hex, details: CommandError.words(for: error), failed: true)
    }

    /// Why the last fetch of an object failed, in words.
    package func errorText(of hash: ObjectHash) -> String? {
        state.withLock { $0.errors[hash] }.map(CommandError.words(for:))
    }
}

extension Links {
    /// So many dials are made; `dialled` is called when each has succeeded or failed for the first time.
    func expect(dials: Int) {
        state.withLock { state in
            state.unsettled = dials
        }
        changed.tell()
    }

    func dialled() {
        state.withLock { state in
            state.unsettled = state.unsettled.map { $0 - 1 }
        }
        changed.tell()
    }

    /// Waits until every peer was dialled once, or the time is over.
    package func settle(within limit: Duration, time: any Timekeeper) async {
        let changes = changes()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await time.sleep(for: limit) }
            group.addTask {
                while self.state.withLock({ ($0.unsettled ?? 1) > 0 }) {
                    for await _ in changes { break }
                    if Task.isCancelled { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
