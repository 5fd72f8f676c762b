import Catalog
package import Objects
import Peers
import Storage
import SystemPackage

/// The state of an instance in figures (design 11).
///
/// Unknown is null, never 0.
package struct StatusReport: Codable, Sendable {
    package struct Storage: Codable, Sendable {
        /// Everything below the root, in whole blocks.
        package var used: Int
        /// null: unlimited.
        package var total: Int?
        /// Of the smaller of `total` and what there is on the disk.
        package var percentage: Double?
        /// Room on the disk.
        package var free: Int?
    }

    package struct Counts: Codable, Sendable {
        package var totalObjects: Int
        package var totalSize: Int
        package var localObjects: Int
        package var localSize: Int
        package var messages: Int
        package var attachments: Int
        package var contacts: Int
        package var conversations: Int
        package var versions: Int
        /// What was fetched before anybody asked for it.
        package var ahead: AheadReport
        /// Objects made here that no instance which keeps everything has proven to have; null while that is found out.
        package var underReplicated: Int?
    }

    package struct Connection: Codable, Sendable {
        package var name: String
        package var role: String
        package var address: String
        package var bytesIn: Int
        package var bytesOut: Int
    }

    package var id: IDHash?
    package var name: String
    package var role: String
    package var owner: IDHash?
    package var isCustodian: Bool
    package var endpoint: String?
    package var root: String
    package var mounts: [MountReport]
    package var storage: Storage
    package var stats: Counts
    package var connections: [Connection]
    package var sent: Traffic.Sent
    /// Messages that wait for an instance with the owner's key.
    package var pending: Int
    package var quarantined: Int

    /// For people.
    package var lines: [String] {
        var lines = [
            "\(name) (\(role)\(isCustodian ? ", custodian" : "")) in \(root)",
            "objects        \(stats.localObjects) of \(stats.totalObjects) here, "
                + "\(ByteCount(stats.localSize)) of \(ByteCount(stats.totalSize))",
            "disk           \(ByteCount(storage.used)) used of "
                + (storage.total.map { "\(ByteCount($0))" } ?? "unlimited")
                + (storage.free.map { ", \(ByteCount($0)) free on the disk" } ?? ""),
            "conversations  \(stats.conversations) with \(stats.messages) messages, \(stats.attachments) attachments",
            "contacts       \(stats.contacts)",
        ]
        if let endpoint { lines.append("listening      \(endpoint)") }
        lines += mounts.map { "mounted        \($0.directory) (\($0.data))" }
        lines += connections.map { "connected      \($0.name) (\($0.role)) at \($0.address)" }
        if let line = stats.ahead.line { lines.append(line) }
        if let count = stats.underReplicated, count > 0 {
            lines.append("only here      \(count) object(s) that no device which keeps everything has yet")
        }
        if pending > 0 { lines.append("waiting        \(pending) message(s) for a device with the owner's key") }
        if quarantined > 0 { lines.append("quarantine     \(quarantined) damaged file(s): `iom fsck` tells more") }
        return lines
    }
}

extension Node {
    /// How this instance is now.
    func statusReport() throws -> StatusReport {
        let statistics = try catalog.statistics()
        let reading = try charge.reading()
        return StatusReport(
            id: identity?.instanceID,
            name: configuration.instance.name,
            role: configuration.instance.role.rawValue,
            owner: identity?.ownerID,
            isCustodian: identity?.isCustodian ?? false,
            endpoint: endpoint,
            root: root.path.string,
            mounts: mounts.mounted,
            storage: .init(
                used: reading.used,
                total: reading.quota,
                percentage: reading.fraction * 100,
                free: reading.free
            ),
            stats: .init(
                totalObjects: statistics.objectCount,
                totalSize: statistics.byteCount,
                localObjects: statistics.heldCount,
                localSize: statistics.heldByteCount,
                messages: statistics.messageCount,
                attachments: statistics.attachmentCount,
                contacts: statistics.contactCount,
                conversations: statistics.conversationCount,
                versions: statistics.headCount,
                ahead: foresight.report,
                underReplicated: try underReplicatedCount()
            ),
            connections: links.sessions.map { session in
                .init(
                    name: session.member.name,
                    role: session.member.registration.storageRole,
                    address: session.remoteAddress,
                    bytesIn: session.byteCounts.received,
                    bytesOut: session.byteCounts.sent
                )
            },
            sent: traffic.sent,
            pending: outbox.pending.count,
            quarantined: (try? store.quarantinedFiles())?.count ?? 0
        )
    }
}
