import Foundation
import Glibc
import Node
import Objects
import SystemPackage
import Testing

/// Every view of one instance, asked for within the second for which a snapshot is kept.
struct AllViews {
    /// `iom status --json`.
    let snapshot: Snapshot
    let text: String
    /// `.iom/status/`, by name.
    let documents: [String: String]
    /// The dashboard, asked for its state, and told it by server-sent events.
    let page: Any
    let told: Any
    /// `/metrics`.
    let metrics: String

    static let documentNames = ["snapshot.json", "stats.json", "connections.json", "instances.json", "metrics.prom"]

    /// nil: they are not of one instant, because something took longer than the second.
    init?(of instance: Instance, in mount: FilePath, by visitor: DashboardVisitor) async throws {
        text = try await instance.succeed("status", "--json").output
        snapshot = try JSONDecoder().decode(Snapshot.self, from: Data(text.utf8))
        let status = mount.appending(".iom/status")
        documents = try Dictionary(
            uniqueKeysWithValues: Self.documentNames.map { name in
                (name, try String(contentsOfFile: status.appending(name).string, encoding: .utf8))
            }
        )
        metrics = try await visitor.get("/metrics").body
        page = try Self.json(try await visitor.get("/state.json").body)
        told = try Self.json(try await visitor.firstToldState())
        let times = [page, told].map { Self.figures($0)["snapshot.takenAt"] }
        let samples = ExpectedSeries.samples(of: metrics)
        guard documents["snapshot.json"] == text, times.allSatisfy({ $0 == "\(snapshot.takenAt)" }),
            samples["iom_snapshot_time_seconds"] == Double(snapshot.takenAt) / 1_000
        else { return nil }
    }

    /// What does not say the same as `iom status --json`.
    func differences() throws -> [String] {
        let own = Self.figures(try Self.json(text))
        func below(_ prefix: String, _ json: Any) -> [String: String] {
            Dictionary(uniqueKeysWithValues: Self.figures(json).map { (prefix + $0.key, $0.value) })
        }
        func part(_ prefix: String) -> [String: String] { own.filter { $0.key.hasPrefix(prefix) } }
        func document(_ name: String) throws -> Any { try Self.json(documents[name] ?? "null") }
        func snapshot(_ state: Any) -> Any { (state as? [String: Any])?["snapshot"] ?? NSNull() }
        // The page is told nothing of what is not known; a document says null.
        let known = own.filter { $0.value != Self.null }
        func page(_ state: Any) -> [String: String] { Self.figures(snapshot(state)).filter { $0.value != Self.null } }
        return Self.differences("stats.json", below("stats.", try document("stats.json")), part("stats."))
            + Self.differences(
                "connections.json",
                below("connections", try document("connections.json")),
                part("connections")
            )
            + Self.differences("instances.json", below("instances", try document("instances.json")), part("instances"))
            + Self.differences("/state.json", page(self.page), known)
            + Self.differences("/events", page(told), known)
            + Self.differences("/metrics", Self.words(ExpectedSeries.samples(of: metrics)), expected)
            + Self.differences(
                "metrics.prom",
                Self.words(ExpectedSeries.samples(of: documents["metrics.prom"] ?? "")),
                expected
            )
    }

    private var expected: [String: String] { Self.words(ExpectedSeries(snapshot).values) }

    // MARK: Figures

    static let null = "null"

    private static func words(_ samples: [String: Double]) -> [String: String] { samples.mapValues { "\($0)" } }

    static func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    /// Every value of a document by its path, such as `stats.reads.hits` or `connections[0].bytesIn`.
    static func figures(_ json: Any) -> [String: String] {
        var figures: [String: String] = [:]
        func walk(_ item: Any, _ path: String) {
            switch item {
            case let object as [String: Any]:
                for (key, value) in object { walk(value, path.isEmpty ? key : "\(path).\(key)") }
            case let array as [Any]: for (index, value) in array.enumerated() { walk(value, "\(path)[\(index)]") }
            case is NSNull: figures[path] = null
            default: figures[path] = "\(item)"
            }
        }
        walk(json, "")
        return figures
    }

    /// What stays as it is while nothing happens but that somebody looks.
    static func steadyFigures(_ text: String) -> [String: String] {
        guard let json = try? json(text) else { return [:] }
        return figures(json).filter { path, _ in
            // Looking is asking; a clock goes on; a second ago is longer ago; others may ask for a sign of life.
            !["takenAt", "fuse.", "roundTrip", "PerSecond", "bytesIn", "bytesOut", "asOf", "storage.free"].contains {
                path.contains($0)
            }
        }
    }

    /// Events as the page is told: which, and how often.
    static func eventCounts(_ state: Any) -> [String] {
        let events = (state as? [String: Any])?["events"] as? [[String: Any]] ?? []
        return events.map { "\($0["id"] ?? 0) \($0["count"] ?? 0)" }
    }

    static func differences(_ view: String, _ one: [String: String], _ other: [String: String]) -> [String] {
        Set(one.keys).union(other.keys).sorted().filter { one[$0] != other[$0] }.map { path in
            "\(view): \(path) is \(one[path] ?? "not there"), not \(other[path] ?? "there")"
        }
    }
}

extension DashboardVisitor {
    /// What somebody is told first who wants to be told what happens.
    fileprivate func firstToldState() async throws -> String {
        let arguments = ["-sN", "-H", "Cookie: \(cookie ?? "")", "\(address)/events"]
        let curl = try Program(executable: "curl", arguments: arguments).start()
        do {
            try await eventually("the state is told", pause: .milliseconds(2)) {
                curl.outputSoFar.contains("event: state\ndata: ") && curl.outputSoFar.hasSuffix("\n\n")
            }
        } catch {
            await curl.end(SIGKILL)
            throw error
        }
        await curl.end(SIGKILL)
        let line = curl.outputSoFar.split(separator: "\n").first { $0.hasPrefix("data: ") }
        return String(try #require(line).dropFirst("data: ".count))
    }
}
