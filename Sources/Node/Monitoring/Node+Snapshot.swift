import Catalog
import Objects
import Peers
import Storage
import SystemPackage

extension Node {
    /// Events that `stats` tells as the recent activity.
    private static let recentCount = 5

    /// How this instance is now.
    package func snapshot() throws -> Snapshot {
        let takenAt = time.now.wholeMilliseconds
        let connections = connectionReports()
        let contacts = contactReports()
        let (received, sent) = transfers()
        let stats = try counts(at: takenAt, connections + contacts)
        let storage = try storageReport()
        return Snapshot(
            takenAt: takenAt,
            startedAt: started.wholeMilliseconds,
            id: identity?.instanceID,
            name: configuration.instance.name,
            role: configuration.instance.role.rawValue,
            owner: identity?.ownerID,
            isCustodian: identity?.isCustodian ?? false,
            endpoint: endpoint,
            root: root.path.string,
            mounts: mounts.mounted,
            storage: storage,
            stats: stats,
            instances: instanceReports(connections, storage, stats, at: takenAt),
            allConnections: connections + contacts,
            relays: relays.reports,
            sent: sent,
            received: received,
            pending: stats.queues.outbox,
            quarantined: (try? store.quarantinedFiles())?.count ?? 0
        )
    }

    private func counts(at takenAt: Int64, _ connections: [Snapshot.Connection]) throws -> Snapshot.Counts {
        let statistics = try catalog.statistics()
        return Snapshot.Counts(
            takenAt: takenAt,
            totalObjects: statistics.objectCount,
            totalSize: statistics.byteCount,
            localObjects: statistics.heldCount,
            localSize: statistics.heldByteCount,
            messages: statistics.messageCount,
            attachments: statistics.attachmentCount,
            files: census.current?.files,
            contacts: statistics.contactCount,
            conversations: statistics.conversationCount,
            versions: statistics.headCount,
            recentActivity: try events.events(last: Self.recentCount),
            ahead: foresight.report,
            underReplicated: try underReplicatedCount(),
            reads: counters.readReport,
            fetches: counters.fetches.report,
            fuse: counters.fuseReport,
            evictions: counters.evictions,
            queues: .init(
                fetches: connections.reduce(0) { $0 + $1.queue },
                missing: statistics.objectCount - statistics.heldCount,
                outbox: outbox.pending.count
            ),
            events: events.counts,
            lastVerifiedBackup: nil
        )
    }

    private func storageReport() throws -> Snapshot.Storage {
        let reading = try charge.reading()
        return Snapshot.Storage(
            used: reading.used,
            total: reading.quota,
            percentage: reading.fraction * 100,
            free: reading.free,
            disk: try? store.space().totalByteCount,
            pressure: pressureReport(reading),
            previews: previewReport(),
            kinds: try charge.kinds(),
            reasons: census.current?.reasons ?? .init()
        )
    }
}
