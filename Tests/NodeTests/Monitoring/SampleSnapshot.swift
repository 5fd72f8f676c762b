import Objects

@testable import Node

extension Snapshot {
    /// A busy instance with so many peers.
    static func sample(peerCount: Int = 3, conversations: Int = 4) -> Snapshot {
        let counters = FetchCounters()
        counters.begin()
        counters.end(nil, after: .milliseconds(30))
        return Snapshot(
            takenAt: 1_763_800_000_500,
            startedAt: 1_763_700_000_000,
            id: IDHash(ObjectHash(of: [1])),
            name: "laptop \"one\"\\\n",
            role: "cache",
            owner: nil,
            isCustodian: false,
            endpoint: nil,
            root: "/root",
            mounts: [],
            storage: .init(
                used: 100,
                total: 1_000,
                percentage: 10,
                free: 5_000,
                disk: 9_000,
                pressure: .init(PressureGauge(), .init(used: 100, quota: 1_000, free: 5_000), dropsObjects: true),
                kinds: .init(
                    objects: 40,
                    heads: 10,
                    chunks: 5,
                    partial: 5,
                    previews: 0,
                    catalog: 30,
                    journal: 8,
                    other: 2
                ),
                reasons: .init(
                    asOf: 1_763_799_000_000,
                    pinned: 5,
                    demanded: 10,
                    onlyCopy: 0,
                    recentlyUsed: 20,
                    notSorted: 5
                )
            ),
            stats: .sample(conversations: conversations, fetches: counters.report),
            instances: [],
            allConnections: (0..<peerCount).map(Connection.sample),
            sent: .init(objects: 3, bytes: 300),
            received: .init(objects: 4, bytes: 400),
            pending: 1,
            quarantined: 2
        )
    }
}

extension Snapshot.Counts {
    fileprivate static func sample(conversations: Int, fetches: Snapshot.Fetches) -> Self {
        Self(
            takenAt: 1_763_800_000_500,
            totalObjects: 10,
            totalSize: 1_000,
            localObjects: 5,
            localSize: 400,
            messages: 7,
            attachments: 2,
            files: 3,
            contacts: 1,
            conversations: conversations,
            versions: 9,
            recentActivity: [],
            ahead: AheadReport(tally: AheadTally(), waitingBytes: 0, isGuessing: true, openings: 0),
            underReplicated: 4,
            reads: .init(hits: 11, misses: 2, waits: 3, waiting: 1, refused: 0),
            fetches: fetches,
            fuse: .init(operations: [.init(kind: "lookup", count: 20, errors: [.init(errno: "ENOENT", count: 6)])]),
            evictions: .init(objects: 1, bytes: 4_096),
            queues: .init(fetches: 2, missing: 5, outbox: 1),
            events: .init(kinds: EventLog.Kind.allCases.map { .init(type: $0.rawValue, count: 1) }),
            lastVerifiedBackup: nil
        )
    }
}

extension Snapshot.Connection {
    fileprivate static func sample(_ number: Int) -> Self {
        Self(
            id: IDHash(ObjectHash(of: Array("\(number)".utf8))),
            // Two may be called the same.
            name: number < 2 ? "twin" : "peer \(number)",
            role: "archive",
            state: .connected,
            address: "127.0.0.1:1",
            isInitiator: true,
            since: 1_763_700_000_000,
            sessions: 1,
            bytesIn: 10,
            bytesOut: 20,
            errors: 0,
            lastError: nil,
            closeReason: nil,
            roundTrip: 0.0125,
            received: .init(objects: 1, bytes: 100),
            sent: .init(objects: 2, bytes: 200),
            receivedBytesPerSecond: 10,
            sentBytesPerSecond: 20,
            queue: 1,
            openCalls: 1,
            sync: .init(position: 5, last: 8, changes: 5, lastSync: 1_763_700_000_000, failures: 0, lastError: nil)
        )
    }
}
