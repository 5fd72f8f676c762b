import Node
import Objects

/// What `/metrics` has to say of a snapshot, worked out a second time and in another way: every series with its value.
struct ExpectedSeries {
    private(set) var values: [String: Double] = [:]

    private mutating func set(_ name: String, _ value: Double?) { values[name] = value }
    private mutating func set(_ name: String, _ value: Int?) { values[name] = value.map(Double.init) }

    private mutating func set(_ name: String, _ label: String, _ parts: KeyValuePairs<String, Int?>) {
        for (part, value) in parts { set("\(name){\(label)=\"\(part)\"}", value) }
    }

    init(_ snapshot: Snapshot) {
        instance(snapshot)
        catalog(snapshot.stats)
        storage(snapshot)
        reading(snapshot.stats)
        for connection in snapshot.allConnections { peer(connection) }
        for (direction, all) in [("received", snapshot.received), ("sent", snapshot.sent)] {
            set("iom_transferred_objects_total{direction=\"\(direction)\"}", all.objects)
            set("iom_transferred_bytes_total{direction=\"\(direction)\"}", all.bytes)
        }
    }

    private mutating func instance(_ snapshot: Snapshot) {
        let (name, role, id) = (snapshot.name, snapshot.role, snapshot.id?.hex ?? "")
        set("iom_instance_info{name=\"\(name)\",role=\"\(role)\",id=\"\(id)\"}", 1)
        set("iom_start_time_seconds", Double(snapshot.startedAt) / 1_000)
        set("iom_snapshot_time_seconds", Double(snapshot.takenAt) / 1_000)
        set("iom_mounts", snapshot.mounts.count)
        set("iom_quarantined_files", snapshot.quarantined)
        for kind in snapshot.stats.events.kinds { set("iom_events_total{type=\"\(kind.type)\"}", kind.count) }
        let queues = snapshot.stats.queues
        set(
            "iom_queue_length",
            "queue",
            ["fetches": queues.fetches, "missing": queues.missing, "outbox": queues.outbox]
        )
    }

    private mutating func catalog(_ stats: Snapshot.Counts) {
        set("iom_objects", "place", ["known": stats.totalObjects, "local": stats.localObjects])
        set("iom_objects_bytes", "place", ["known": stats.totalSize, "local": stats.localSize])
        set(
            "iom_catalog_entries",
            "kind",
            [
                "conversations": stats.conversations, "messages": stats.messages, "attachments": stats.attachments,
                "files": stats.files, "contacts": stats.contacts, "versions": stats.versions,
            ]
        )
        set("iom_under_replicated_objects", stats.underReplicated)
    }

    private mutating func storage(_ snapshot: Snapshot) {
        let (storage, evictions) = (snapshot.storage, snapshot.stats.evictions)
        set("iom_storage_used_bytes", storage.used)
        set("iom_storage_quota_bytes", storage.total)
        set("iom_storage_free_bytes", storage.free)
        set("iom_storage_disk_bytes", storage.disk)
        let (kinds, reasons) = (storage.kinds, storage.reasons)
        set(
            "iom_storage_kind_bytes",
            "kind",
            [
                "objects": kinds.objects, "heads": kinds.heads, "chunks": kinds.chunks, "partial": kinds.partial,
                "previews": kinds.previews, "catalog": kinds.catalog, "journal": kinds.journal, "other": kinds.other,
            ]
        )
        set(
            "iom_storage_reason_bytes",
            "reason",
            [
                "pinned": reasons.pinned, "demanded": reasons.demanded, "only_copy": reasons.onlyCopy,
                "recently_used": reasons.recentlyUsed, "not_sorted": reasons.notSorted,
            ]
        )
        set("iom_storage_reason_time_seconds", reasons.asOf.map { Double($0) / 1_000 })
        set("iom_evicted_objects_total", evictions.objects)
        set("iom_evicted_bytes_total", evictions.bytes)
    }

    private mutating func reading(_ stats: Snapshot.Counts) {
        let (reads, ahead) = (stats.reads, stats.ahead)
        set("iom_reads_total", "result", ["hit": reads.hits, "miss": reads.misses, "refused": reads.refused])
        set("iom_read_waits_total", reads.waits)
        set("iom_read_waiting", reads.waiting)
        set("iom_fetches_in_flight", stats.fetches.inFlight)
        for outcome in stats.fetches.outcomes {
            let (name, label) = ("iom_fetch_duration_seconds", "outcome=\"\(outcome.outcome)\"")
            set("\(name)_count{\(label)}", outcome.count)
            set("\(name)_sum{\(label)}", outcome.seconds)
            for (index, bound) in stats.fetches.bounds.map(Self.number).enumerated() {
                set("\(name)_bucket{\(label),le=\"\(bound)\"}", outcome.buckets.prefix(index + 1).reduce(0, +))
            }
            set("\(name)_bucket{\(label),le=\"+Inf\"}", outcome.count)
        }
        set(
            "iom_ahead_bytes_total",
            "result",
            ["fetched": ahead.fetchedBytes, "used": ahead.usedBytes, "wasted": ahead.wastedBytes]
        )
        set("iom_ahead_waiting_bytes", ahead.waitingBytes)
        set("iom_ahead_waits_saved_total", ahead.waitsSaved)
        for operation in stats.fuse.operations {
            set("iom_fuse_requests_total{kind=\"\(operation.kind)\"}", operation.count)
            for error in operation.errors {
                set("iom_fuse_errors_total{kind=\"\(operation.kind)\",errno=\"\(error.errno)\"}", error.count)
            }
        }
    }

    private static func number(_ bound: Double) -> String { bound == bound.rounded() ? "\(Int(bound))" : "\(bound)" }

    private mutating func peer(_ connection: Snapshot.Connection) {
        let label = "peer=\"\(connection.name)\""
        func seconds(_ milliseconds: Int64?) -> Double? { milliseconds.map { Double($0) / 1_000 } }
        for (direction, wire, all) in [
            ("received", connection.bytesIn, connection.received), ("sent", connection.bytesOut, connection.sent),
        ] {
            set("iom_peer_wire_bytes_total{\(label),direction=\"\(direction)\"}", wire)
            set("iom_peer_objects_total{\(label),direction=\"\(direction)\"}", all.objects)
            set("iom_peer_object_bytes_total{\(label),direction=\"\(direction)\"}", all.bytes)
        }
        set("iom_peer_connected{\(label)}", connection.state == .connected ? 1 : 0)
        set("iom_peer_state_since_seconds{\(label)}", seconds(connection.since))
        set("iom_peer_sessions_total{\(label)}", connection.sessions)
        set("iom_peer_errors_total{\(label)}", connection.errors)
        set("iom_peer_round_trip_seconds{\(label)}", connection.roundTrip)
        set("iom_peer_queue_length{\(label)}", connection.queue)
        set("iom_peer_open_calls{\(label)}", connection.openCalls)
        set("iom_peer_sync_changes_total{\(label)}", connection.sync.changes)
        set("iom_peer_sync_behind_changes{\(label)}", connection.sync.behind)
        set("iom_peer_sync_failures_total{\(label)}", connection.sync.failures)
        set("iom_peer_last_sync_time_seconds{\(label)}", seconds(connection.sync.lastSync))
    }

    /// The samples of a text.
    static func samples(of text: String) -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return samples
    }
}
