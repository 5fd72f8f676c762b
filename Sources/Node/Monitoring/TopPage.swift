import Objects

/// A snapshot as a page for people who watch; what changed since the one before as so much a second.
package struct TopPage: Sendable {
    private let snapshot: Snapshot
    private let before: Snapshot?
    private let isPlain: Bool

    package init(_ snapshot: Snapshot, before: Snapshot?, isPlain: Bool) {
        (self.snapshot, self.before, self.isPlain) = (snapshot, before, isPlain)
    }

    package var lines: [String] { lines(columns: .max) }

    /// Each at most so wide.
    package func lines(columns: Int) -> [String] {
        // Cut before it is emphasized: what emphasizes takes no room.
        plainLines.map { line in
            let text = String(VisibleText.line(line.text).prefix(columns))
            return line.isTitle && !isPlain ? "\u{1B}[1m\(text)\u{1B}[0m" : text
        }
    }

    private struct Line {
        var text: String
        var isTitle = false
    }

    private var plainLines: [Line] {
        var lines = head.map { Line(text: $0) }
        lines[0].isTitle = true
        if !snapshot.allConnections.isEmpty {
            let title = Self.columns(["device", "state", "in/s", "out/s", "queue", "round trip", "to come"])
            lines += [Line(text: ""), Line(text: title, isTitle: true)]
            lines += snapshot.allConnections.map { Line(text: row($0)) }
        }
        if !snapshot.stats.fuse.operations.isEmpty {
            lines += [Line(text: ""), Line(text: "requests of the kernel", isTitle: true), Line(text: requests)]
        }
        if !snapshot.stats.recentActivity.isEmpty {
            lines += [Line(text: ""), Line(text: "events", isTitle: true)]
            lines += snapshot.stats.recentActivity.map { Line(text: $0.line) }
        }
        return lines
    }

    private var head: [String] {
        let (stats, storage) = (snapshot.stats, snapshot.storage)
        let percent = storage.percentage.map { " (\(Int($0)) %)" } ?? ""
        return [
            "\(snapshot.name) (\(snapshot.role))  \(CivilTime(milliseconds: Double(snapshot.takenAt)).text) UTC",
            "objects  \(stats.localObjects) of \(stats.totalObjects) here, \(ByteCount(stats.localSize)) of "
                + "\(ByteCount(stats.totalSize)); disk \(ByteCount(storage.used)) of "
                + (storage.total.map { "\(ByteCount($0))" } ?? "unlimited") + percent,
            "reads    \(stats.reads.hits) here, \(stats.reads.misses) fetched, \(stats.reads.waiting) waiting",
            "fetches  \(stats.fetches.count) done\(perSecond { $0.stats.fetches.count }), \(stats.fetches.inFlight) "
                + "under way, \(stats.queues.fetches) in line",
            "evicted  \(stats.evictions.objects) objects, \(ByteCount(stats.evictions.bytes))"
                + (stats.underReplicated.map { $0 > 0 ? "; only here: \($0)" : "" } ?? ""),
        ]
    }

    private func row(_ connection: Snapshot.Connection) -> String {
        Self.columns([
            connection.name, connection.state.rawValue, "\(ByteCount(connection.receivedBytesPerSecond))",
            "\(ByteCount(connection.sentBytesPerSecond))", "\(connection.queue)",
            connection.roundTrip.map { "\(($0 * 10_000).rounded() / 10) ms" } ?? "",
            connection.sync.behind.map(String.init) ?? "",
        ])
    }

    private var requests: String {
        snapshot.stats.fuse.operations.map { operation in
            let rate = perSecond { before in
                before.stats.fuse.operations.first { $0.kind == operation.kind }?.count ?? 0
            }
            let failed = operation.errors.map { "\($0.count) \($0.errno)" }.joined(separator: ", ")
            return "\(operation.kind) \(operation.count)\(rate)" + (failed.isEmpty ? "" : " [\(failed)]")
        }.joined(separator: "  ")
    }

    /// As much a second, since the snapshot before; nothing if there was none.
    private func perSecond(_ value: (Snapshot) -> Int) -> String {
        guard let before, snapshot.takenAt > before.takenAt, snapshot.startedAt == before.startedAt else { return "" }
        let amount = Double(value(snapshot) - value(before)) * 1_000 / Double(snapshot.takenAt - before.takenAt)
        return " (\(Int(amount.rounded()))/s)"
    }

    /// Texts below one another: the first wide.
    private static func columns(_ texts: [String]) -> String {
        texts.enumerated().map { index, text in
            let width = index == 0 ? 20 : 12
            let cut = String(text.prefix(width))
            return cut + String(repeating: " ", count: width - cut.count)
        }.joined(separator: " ")
    }
}
