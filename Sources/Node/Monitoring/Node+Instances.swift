import Objects
import Peers

extension Node {
    /// Instances that are told of one by one.
    static let instancesMax = 256

    /// The connection with each own peer, those that live first, in order of name.
    func connectionReports() -> [Snapshot.Connection] {
        let members = (roll?.members ?? []).filter { $0.registration.instanceID != identity?.instanceID }
        // In this order: a session that ends in between is missing then, and not there twice.
        let records = links.book.records
        let sessions = links.allSessions
        let lines = fetcher.lineLengths
        let reports = members.map { member in
            let id = member.registration.instanceID
            return Self.report(member.party, links.book, records[id], sessions[id] ?? [], lines[member.name] ?? 0)
        }
        return Self.inOrder(reports)
    }

    /// The same with each instance of a contact that there was one with, or that was dialled.
    func contactReports() -> [Snapshot.Connection] {
        let records = contacts.book.records
        let sessions = Dictionary(grouping: contacts.sessions) { $0.peer.instanceID }
        let lines = fetcher.lineLengths
        let reports = records.map { id, record in
            let party = ConnectionBook.Party(id: id, name: record.name, role: record.role)
            let queue = sessions[id]?.first.flatMap { lines[$0.peer.name] } ?? 0
            return Self.report(party, contacts.book, record, sessions[id] ?? [], queue)
        }
        return Self.inOrder(reports)
    }

    private static func inOrder(_ reports: [Snapshot.Connection]) -> [Snapshot.Connection] {
        let ordered = reports.sorted { left, right in
            (left.state == .connected ? 0 : 1, left.name, left.id.hex)
                < (right.state == .connected ? 0 : 1, right.name, right.id.hex)
        }
        return Array(ordered.prefix(instancesMax))
    }

    private static func report(
        _ party: ConnectionBook.Party,
        _ book: ConnectionBook,
        _ record: ConnectionBook.Record?,
        _ sessions: [any LiveSession],
        _ queue: Int
    ) -> Snapshot.Connection {
        let (received, sent) = (record?.transfers.reading(.received), record?.transfers.reading(.sent))
        let wire = sessions.reduce(record?.ended ?? ByteCounts()) { $0 + $1.byteCounts }
        let told = record == nil ? wire : book.told(wire, of: party)
        return Snapshot.Connection(
            id: party.id,
            name: party.name,
            role: party.role,
            state: sessions.isEmpty ? record?.state ?? .never : .connected,
            address: sessions.first?.remoteAddress ?? record?.address,
            isInitiator: sessions.first?.isInitiator ?? record?.isInitiator,
            isRelayed: sessions.first?.isRelayed ?? record?.isRelayed,
            since: record?.since?.wholeMilliseconds,
            sessions: record?.sessions ?? 0,
            bytesIn: told.received,
            bytesOut: told.sent,
            errors: record?.errors ?? 0,
            lastError: record?.lastError,
            closeReason: record?.closeReason,
            roundTrip: (sessions.first?.roundTrip ?? record?.roundTrip).map { $0 / .seconds(1) },
            received: .init(received),
            sent: .init(sent),
            receivedBytesPerSecond: received?.bytesPerSecond ?? 0,
            sentBytesPerSecond: sent?.bytesPerSecond ?? 0,
            queue: queue,
            openCalls: sessions.reduce(0) { $0 + $1.openCallCount },
            sync: .init(record?.sync ?? SyncRecord())
        )
    }

    /// All that went to and came from others, also those that are not members any more.
    func transfers() -> (received: Snapshot.Transfer, sent: Snapshot.Transfer) {
        var (received, sent) = (Snapshot.Transfer(), Snapshot.Transfer())
        for record in Array(links.book.records.values) + contacts.book.records.values {
            received.add(record.transfers.reading(.received))
            sent.add(record.transfers.reading(.sent))
        }
        return (received, sent)
    }

    /// All of the owner's instances, this one first.
    func instanceReports(
        _ connections: [Snapshot.Connection],
        _ storage: Snapshot.Storage,
        _ stats: Snapshot.Counts,
        at takenAt: Int64
    ) -> [Snapshot.Instance] {
        let (records, byID) = (links.book.records, Dictionary(connections.map { ($0.id, $0) }) { first, _ in first })
        let ownRoom = Snapshot.Room(
            used: storage.used,
            total: storage.total,
            percentage: storage.percentage,
            asOf: takenAt
        )
        let ownReplication = replication(connections, stats)
        let instances = (roll?.members ?? []).map { member in
            let registration = member.registration
            let isThis = registration.instanceID == identity?.instanceID
            let connection = byID[registration.instanceID]
            let replication =
                isThis ? ownReplication : .init(connection?.sync, isOnline: connection?.state == .connected)
            let isBusy = replication.inProgress == true
            let isOnline = isThis || connection?.state == .connected
            return Snapshot.Instance(
                id: registration.instanceID,
                name: member.name,
                type: registration.deviceType,
                role: registration.storageRole,
                status: registration.isRevoked ? "revoked" : !isOnline ? "offline" : isBusy ? "syncing" : "online",
                isThis: isThis,
                endpoint: isThis ? endpoint ?? registration.endpoint : registration.endpoint,
                storage: isThis ? ownRoom : records[registration.instanceID]?.room ?? .init(),
                lastSync: replication.lastCompleted,
                replication: replication
            )
        }
        let ordered = instances.sorted {
            ($0.isThis ? 0 : 1, $0.name, $0.id.hex) < ($1.isThis ? 0 : 1, $1.name, $1.id.hex)
        }
        return Array(ordered.prefix(Self.instancesMax))
    }

    /// How far this instance knows what the others know.
    private func replication(_ connections: [Snapshot.Connection], _ stats: Snapshot.Counts) -> Snapshot.Replication {
        let live = connections.filter { $0.state == .connected }
        return Snapshot.Replication(
            inProgress: live.contains { ($0.sync.behind ?? 0) > 0 } || stats.fetches.inFlight > 0,
            lastCompleted: connections.compactMap(\.sync.lastSync).max(),
            queueSize: stats.fetches.inFlight,
            failedItems: links.failedCount,
            errors: Array(connections.compactMap(\.sync.lastError).prefix(5))
        )
    }
}

extension Snapshot.Transfer {
    init(_ reading: TransferCounters.Reading?) { self.init(objects: reading?.objects ?? 0, bytes: reading?.bytes ?? 0) }

    mutating func add(_ reading: TransferCounters.Reading) {
        objects += reading.objects
        bytes += reading.bytes
    }
}

extension Snapshot.Sync {
    init(_ record: SyncRecord) {
        self.init(
            position: record.position,
            last: record.last,
            changes: record.changes,
            lastSync: record.lastSync?.wholeMilliseconds,
            failures: record.failures,
            lastError: record.lastError
        )
    }
}

extension Snapshot.Replication {
    /// Of another instance: what it has said that is not taken in here.
    init(_ sync: Snapshot.Sync?, isOnline: Bool) {
        self.init(
            inProgress: isOnline ? sync?.behind.map { $0 > 0 } : false,
            lastCompleted: sync?.lastSync,
            queueSize: sync?.behind,
            failedItems: sync?.failures,
            errors: sync?.lastError.map { [$0] } ?? []
        )
    }
}
