import Objects

extension Snapshot {
    /// For people.
    package var lines: [String] {
        var lines = [
            "\(name) (\(role)\(isCustodian ? ", custodian" : "")) in \(root)",
            "objects        \(stats.localObjects) of \(stats.totalObjects) here, "
                + "\(ByteCount(stats.localSize)) of \(ByteCount(stats.totalSize))",
            "disk           \(ByteCount(storage.used)) used of "
                + (storage.total.map { "\(ByteCount($0))" } ?? "unlimited")
                + (storage.free.map { ", \(ByteCount($0)) free on the disk" } ?? ""),
            storage.pressure.line,
            "conversations  \(stats.conversations) with \(stats.messages) messages, \(stats.attachments) attachments",
            "contacts       \(stats.contacts)",
        ]
        if let endpoint { lines.append("listening      \(endpoint)") }
        lines += relays.map(\.line)
        lines += mounts.map { "mounted        \($0.directory) (\($0.data))" }
        lines += allConnections.map(\.line)
        if let line = stats.ahead.line { lines.append(line) }
        if let line = storage.previews?.line { lines.append(line) }
        if let count = stats.underReplicated, count > 0 {
            lines.append("only here      \(count) object(s) that no device which keeps everything has yet")
        }
        if pending > 0 { lines.append("waiting        \(pending) message(s) for a device with the owner's key") }
        if quarantined > 0 { lines.append("quarantine     \(quarantined) damaged file(s): `iom fsck` tells more") }
        return lines
    }
}

extension Snapshot.Connection {
    /// How it was made, and when.
    package var way: String {
        let way = isInitiator == true ? "dialled" : isRelayed == true ? "came through a relay" : "came in"
        return way + (since.map { " \(CivilTime(milliseconds: Double($0)).text) UTC" } ?? "")
    }

    /// For people.
    var line: String {
        switch state {
        case .connected:
            let trip = roundTrip.map { ", \(($0 * 10_000).rounded() / 10) ms" } ?? ""
            let behind = sync.behind.map { $0 > 0 ? ", \($0) changes to come" : "" } ?? ""
            return "connected      \(name) (\(role)) at \(address ?? "?"), \(way)\(trip)\(behind)"
        case .closed: return "not connected  \(name) (\(role))" + (closeReason.map { ": \($0)" } ?? "")
        case .refused: return "not connected  \(name) (\(role)): it does not let this device in"
        case .never: return "not connected  \(name) (\(role))" + (lastError.map { ": \($0)" } ?? "")
        }
    }
}

extension Snapshot {
    /// The figures, for people.
    package var statLines: [String] {
        let (reads, fetches) = (stats.reads, stats.fetches)
        var lines = [
            "since          \(CivilTime(milliseconds: Double(startedAt)).text) UTC",
            "opened         \(reads.hits) files that were here, \(reads.misses) that were not; \(reads.waiting) wait",
            "fetches        \(fetches.count) done, \(fetches.inFlight) under way",
        ]
        lines += fetches.outcomes.filter { $0.count > 0 }.map { outcome in
            let mean = (outcome.seconds / Double(outcome.count) * 10_000).rounded() / 10
            return "  \(outcome.outcome): \(outcome.count), \(mean) ms on average"
        }
        lines += [
            "received       \(received.objects) objects, \(ByteCount(received.bytes))",
            "sent           \(sent.objects) objects, \(ByteCount(sent.bytes))",
            "evicted        \(stats.evictions.objects) objects, \(ByteCount(stats.evictions.bytes))",
            "missing here   \(stats.queues.missing) of \(stats.totalObjects) known objects",
            "disk           " + storage.kinds.named.map { "\($0.name) \(ByteCount($0.value))" }.joined(separator: ", "),
        ]
        if let asOf = storage.reasons.asOf {
            let reasons = storage.reasons.named.map { "\($0.name) \($0.value.map { "\(ByteCount($0))" } ?? "unknown")" }
            lines.append("kept           " + reasons.joined(separator: ", "))
            lines.append("               (at \(CivilTime(milliseconds: Double(asOf)).text) UTC)")
        }
        let requests = stats.fuse.operations.map { "\($0.kind) \($0.count)" }.joined(separator: ", ")
        if !requests.isEmpty { lines.append("kernel asked   " + requests) }
        return lines
    }
}
