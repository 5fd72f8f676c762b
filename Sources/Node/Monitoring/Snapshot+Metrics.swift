import Objects

extension Snapshot {
    /// All of it for Prometheus.
    ///
    /// Labels are kinds, which are fixed, and names of peers, of which so many are told apart as `peersToldMax`; what the
    /// others did is added up as one, so that the counters still tell all.
    package func metrics() -> String {
        var metrics = Exposition()
        addInstance(to: &metrics)
        addCatalog(to: &metrics)
        addStorage(to: &metrics)
        addReading(to: &metrics)
        addAhead(to: &metrics)
        addFuse(to: &metrics)
        addPeers(to: &metrics)
        return metrics.text
    }

    private static func seconds(_ milliseconds: Int64?) -> Double? { milliseconds.map { Double($0) / 1_000 } }

    private func addInstance(to metrics: inout Exposition) {
        let labels: Exposition.Labels = [("name", name), ("role", role), ("id", id?.hex ?? "")]
        metrics.add("iom_instance_info", .gauge, "This instance.", [(labels, 1)])
        metrics.add(
            "iom_start_time_seconds",
            .gauge,
            "When the node was started, since 1970; counters count from then on.",
            Self.seconds(startedAt)
        )
        metrics.add(
            "iom_snapshot_time_seconds",
            .gauge,
            "When these figures were taken, since 1970.",
            Self.seconds(takenAt)
        )
        metrics.add("iom_mounts", .gauge, "Mounts.", mounts.count)
        metrics.add("iom_quarantined_files", .gauge, "Damaged files that were taken out.", quarantined)
        metrics.add(
            "iom_events_total",
            .counter,
            "Events, with repetitions.",
            stats.events.kinds.map { ([("type", $0.type)], Double($0.count)) }
        )
        metrics.add(
            "iom_queue_length",
            .gauge,
            "What waits: objects in line at other instances, known objects that are not here, unposted messages.",
            [
                ([("queue", "fetches")], Double(stats.queues.fetches)),
                ([("queue", "missing")], Double(stats.queues.missing)),
                ([("queue", "outbox")], Double(stats.queues.outbox)),
            ]
        )
    }

    private func addCatalog(to metrics: inout Exposition) {
        let places = [("known", stats.totalObjects, stats.totalSize), ("local", stats.localObjects, stats.localSize)]
        metrics.add(
            "iom_objects",
            .gauge,
            "Objects that are known, and those of them that are here.",
            places.map { ([("place", $0.0)], Double($0.1)) }
        )
        metrics.add(
            "iom_objects_bytes",
            .gauge,
            "Their sizes.",
            places.map { ([("place", $0.0)], Double($0.2)) }
        )
        metrics.add(
            "iom_catalog_entries",
            .gauge,
            "What the objects amount to.",
            [
                ([("kind", "conversations")], Double(stats.conversations)),
                ([("kind", "messages")], Double(stats.messages)),
                ([("kind", "attachments")], Double(stats.attachments)),
                ([("kind", "files")], stats.files.map(Double.init)),
                ([("kind", "contacts")], Double(stats.contacts)),
                ([("kind", "versions")], Double(stats.versions)),
            ]
        )
        metrics.add(
            "iom_under_replicated_objects",
            .gauge,
            "Objects made here that no instance which keeps everything has proven to have.",
            stats.underReplicated
        )
    }

    private func addStorage(to metrics: inout Exposition) {
        metrics.add("iom_storage_used_bytes", .gauge, "What the root takes on its disk.", storage.used)
        metrics.add("iom_storage_quota_bytes", .gauge, "What it may take; not told if unlimited.", storage.total)
        metrics.add("iom_storage_free_bytes", .gauge, "What the disk has left.", storage.free)
        metrics.add("iom_storage_disk_bytes", .gauge, "The size of the disk.", storage.disk)
        metrics.add(
            "iom_storage_kind_bytes",
            .gauge,
            "What the root takes on its disk, by what it is.",
            storage.kinds.named.map { ([("kind", $0.name)], Double($0.value)) }
        )
        metrics.add(
            "iom_storage_reason_bytes",
            .gauge,
            "Why objects are here, by the strongest reason, as it was at iom_storage_reason_time_seconds.",
            storage.reasons.named.map { ([("reason", $0.name)], $0.value.map(Double.init)) }
        )
        metrics.add(
            "iom_storage_reason_time_seconds",
            .gauge,
            "When it was looked up why objects are here, since 1970.",
            Self.seconds(storage.reasons.asOf)
        )
        metrics.add("iom_evicted_objects_total", .counter, "Objects dropped.", stats.evictions.objects)
        metrics.add("iom_evicted_bytes_total", .counter, "Bytes of objects dropped.", stats.evictions.bytes)
    }

    private func addReading(to metrics: inout Exposition) {
        metrics.add(
            "iom_reads_total",
            .counter,
            "Files opened in mounts that were here, that were not, and fetches that programs were not allowed.",
            [
                ([("result", "hit")], Double(stats.reads.hits)),
                ([("result", "miss")], Double(stats.reads.misses)),
                ([("result", "refused")], Double(stats.reads.refused)),
            ]
        )
        metrics.add("iom_read_waits_total", .counter, "Requests that had to wait for bytes.", stats.reads.waits)
        metrics.add("iom_read_waiting", .gauge, "Requests that wait for bytes now.", stats.reads.waiting)
        metrics.add("iom_fetches_in_flight", .gauge, "Fetches under way.", stats.fetches.inFlight)
        metrics.add(
            "iom_fetch_duration_seconds",
            "How long fetches took, by what came of them.",
            stats.fetches.outcomes.map { outcome in
                .init(
                    labels: [("outcome", outcome.outcome)],
                    bounds: stats.fetches.bounds,
                    buckets: outcome.buckets,
                    sum: outcome.seconds
                )
            }
        )
    }

    private func addAhead(to metrics: inout Exposition) {
        let ahead = stats.ahead
        metrics.add(
            "iom_ahead_bytes_total",
            .counter,
            "Bytes fetched before anybody asked, and what became of them.",
            [
                ([("result", "fetched")], Double(ahead.fetchedBytes)),
                ([("result", "used")], Double(ahead.usedBytes)),
                ([("result", "wasted")], Double(ahead.wastedBytes)),
            ]
        )
        metrics.add("iom_ahead_waiting_bytes", .gauge, "Of those the ones nobody opened yet.", ahead.waitingBytes)
        metrics.add("iom_ahead_waits_saved_total", .counter, "Waits that were saved by it.", ahead.waitsSaved)
    }

    private func addFuse(to metrics: inout Exposition) {
        metrics.add(
            "iom_fuse_requests_total",
            .counter,
            "Requests of the kernel; what it reads by passthrough or remembers it does not ask.",
            stats.fuse.operations.map { ([("kind", $0.kind)], Double($0.count)) }
        )
        metrics.add(
            "iom_fuse_errors_total",
            .counter,
            "Those of them that were answered by an error.",
            stats.fuse.operations.flatMap { operation in
                operation.errors.map { ([("kind", operation.kind), ("errno", $0.errno)], Double($0.count)) }
            }
        )
    }
}

extension Snapshot.Kinds {
    /// Each with its name.
    package var named: [(name: String, value: Int)] {
        [
            ("objects", objects), ("heads", heads), ("chunks", chunks), ("partial", partial), ("previews", previews),
            ("catalog", catalog), ("journal", journal), ("other", other),
        ]
    }
}

extension Snapshot.Reasons {
    /// Each with its name.
    package var named: [(name: String, value: Int?)] {
        [
            ("pinned", pinned), ("demanded", demanded), ("only_copy", onlyCopy), ("recently_used", recentlyUsed),
            ("not_sorted", notSorted),
        ]
    }
}
