import Foundation
import Node
import Testing

extension Instance {
    /// Waits until find(1) and du(1) see what this instance tells of its objects and of its storage by kind.
    ///
    /// Not at once: what was written within the last second may not be counted yet, and files go while they are looked at.
    func agreesWithDisk(in home: Household, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var last: [String] = []
        let begin = ContinuousClock.now
        repeat {
            last = try await differencesFromDisk(in: home)
            if last.isEmpty { return }
            try await Task.sleep(for: .milliseconds(20))
        } while ContinuousClock.now - begin < .seconds(10)
        Issue.record("\(name): \(last.joined(separator: "; "))", sourceLocation: sourceLocation)
    }

    private func differencesFromDisk(in home: Household) async throws -> [String] {
        let snapshot = try await status()
        let (kinds, stats) = (snapshot.storage.kinds, snapshot.stats)
        let objects = try await home.objects(of: self)
        let told: [(String, Int, Int)] = [
            ("objects here", stats.localObjects, objects.count),
            ("their bytes", stats.localSize, objects.values.reduce(0, +)),
            ("objects/", kinds.objects, try await disk("objects", in: home)),
            ("heads/", kinds.heads, try await disk("heads", in: home)),
            ("chunks/", kinds.chunks, try await disk("chunks", in: home)),
            ("partial/", kinds.partial, try await disk("partial", in: home)),
            ("previews/", kinds.previews, try await disk("previews", in: home)),
            ("catalog.sqlite", kinds.catalog, try await disk("catalog.sqlite", in: home)),
            ("all", snapshot.storage.used, try await disk(".", in: home)),
            ("the sum of the kinds", kinds.named.reduce(0) { $0 + $1.value }, snapshot.storage.used),
            ("damaged files", snapshot.quarantined, try await quarantinedCount(in: home)),
        ]
        return told.filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1) is told, the disk has \($0.2)" }
    }

    private func disk(_ path: String, in home: Household) async throws -> Int {
        let line = try await home.sh("du -s -B1 '\(root)'/\(path) | awk '{ sum += $1 } END { print sum }'").output
        return Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }

    private func quarantinedCount(in home: Household) async throws -> Int {
        try await home.sh(
            "find '\(root)/quarantine' -type f -regextype egrep -regex '.*/[0-9a-f]{64}[^/]*' ! -name '*.reason*'"
        )
        .lines.count
    }
}

extension Snapshot {
    func fetches(_ outcome: String) -> Int { stats.fetches.outcomes.first { $0.outcome == outcome }?.count ?? 0 }

    var fetched: Int { fetches("fetched") }

    /// Requests of the kernel.
    func requests(_ kind: String) -> Int { stats.fuse.operations.first { $0.kind == kind }?.count ?? 0 }

    func errors(_ kind: String, _ errno: String) -> Int {
        stats.fuse.operations.first { $0.kind == kind }?.errors.first { $0.errno == errno }?.count ?? 0
    }

    /// Since the start of the node.
    func events(_ type: String) -> Int { stats.events.kinds.first { $0.type == type }?.count ?? 0 }
}
