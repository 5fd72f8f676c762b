import Foundation
import Objects
import Testing

@testable import Node

/// Metrics as Prometheus reads them.
struct MetricsTests {
    /// Series of a text, without its values.
    private func series(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
            line.lastIndex(of: " ").map { line[..<$0] }
        }
    }

    @Test func `Each line is what the format asks for`() {
        var metrics = Exposition()
        metrics.add(
            "iom_a_bytes",
            .gauge,
            "Back\\slash,\nand a line.",
            [([("name", "a\"b\\c\nd")], 1.5), ([("name", "x")], nil)]
        )
        metrics.add("iom_b", .gauge, "Not known.", nil as Int?)
        metrics.add("iom_c_seconds", "Times.", [.init(labels: [], bounds: [0.1, 1], buckets: [2, 0, 1], sum: 4.25)])
        #expect(
            metrics.text == """
                # HELP iom_a_bytes Back\\\\slash,\\nand a line.
                # TYPE iom_a_bytes gauge
                iom_a_bytes{name="a\\"b\\\\c\\nd"} 1.5
                # HELP iom_c_seconds Times.
                # TYPE iom_c_seconds histogram
                iom_c_seconds_bucket{le="0.1"} 2
                iom_c_seconds_bucket{le="1"} 2
                iom_c_seconds_bucket{le="+Inf"} 3
                iom_c_seconds_sum 4.25
                iom_c_seconds_count 3

                """
        )
    }

    @Test func `No series is there twice, also where two devices are called the same`() {
        let all = series(Snapshot.sample().metrics())
        #expect(all.count > 100)
        #expect(Set(all).count == all.count)
        #expect(all.contains { $0.contains("peer=\"twin\"") } && all.contains { $0.contains("peer=\"twin ~") })
    }

    @Test func `Ten thousand conversations are one series, and a thousand devices no more than sixty-five`() {
        let few = series(Snapshot.sample().metrics()).count
        #expect(series(Snapshot.sample(conversations: 10_000).metrics()).count == few)
        let many = Snapshot.sample(peerCount: 1_000)
        let sessions = many.metrics().split(separator: "\n").filter { $0.hasPrefix("iom_peer_sessions_total{") }
        #expect(sessions.count == Snapshot.peersToldMax + 1)
        #expect(sessions.last == "iom_peer_sessions_total{peer=\"others\"} \(1_000 - Snapshot.peersToldMax)")
        #expect(series(many.metrics()).count < 1_500)
    }

    @Test func `What is not known is null in documents and not there in metrics`() throws {
        var snapshot = Snapshot.sample()
        (snapshot.stats.underReplicated, snapshot.storage.total) = (nil, nil)
        snapshot.allConnections[0].roundTrip = nil
        let text = String(decoding: try DocumentText.line(snapshot), as: UTF8.self)
        #expect(text.contains("\"underReplicated\":null") && text.contains("\"roundTrip\":null"))
        #expect(try JSONDecoder().decode(Snapshot.self, from: Data(text.utf8)) == snapshot)
        let metrics = snapshot.metrics()
        #expect(!metrics.contains("iom_under_replicated_objects") && !metrics.contains("iom_storage_quota_bytes"))
        #expect(!metrics.contains("iom_peer_round_trip_seconds{peer=\"twin\"}"))
    }

    @Test func `Names and types are as Prometheus wants them`() {
        var kinds: [Substring: Substring] = [:]
        for line in Snapshot.sample().metrics().split(separator: "\n") where line.hasPrefix("# TYPE ") {
            let words = line.split(separator: " ")
            #expect(kinds.updateValue(words[3], forKey: words[2]) == nil, "\(words[2]) is declared twice")
        }
        for (name, kind) in kinds {
            #expect(name.hasPrefix("iom_"))
            #expect(name.hasSuffix("_total") == (kind == "counter"), "\(name) is a \(kind)")
            #expect(name.wholeMatch(of: /[a-z][a-z_]*[a-z]/) != nil)
        }
    }

    @Test(.enabled(if: PrometheusParser.isHere))
    func `The parser of Prometheus takes all of it, and says the same`() throws {
        let snapshot = Snapshot.sample(peerCount: 100)
        let samples = try PrometheusParser.samples(of: snapshot.metrics())
        #expect(samples.count == series(snapshot.metrics()).count)
        #expect(samples["iom_instance_info{id=\(snapshot.id?.hex ?? ""),name=\(snapshot.name),role=cache}"] == 1)
        #expect(samples["iom_fetch_duration_seconds_count{outcome=fetched}"] == 1)
        #expect(samples["iom_fetch_duration_seconds_bucket{le=0.05,outcome=fetched}"] == 1)
        #expect(samples["iom_fetch_duration_seconds_bucket{le=0.025,outcome=fetched}"] == 0)
        #expect(samples["iom_fuse_errors_total{errno=ENOENT,kind=lookup}"] == 6)
    }

    @Test func `Every metric that the Grafana dashboard asks for is there`() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../mount-examples/grafana-dashboard.json").standardized
        let text = try String(contentsOf: path, encoding: .utf8)
        _ = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let told = Set(series(Snapshot.sample().metrics()).map { String($0.prefix { $0 != "{" }) })
        let asked = Set(text.matches(of: /iom_[a-z_]+/).map { String($0.output) })
        #expect(asked.count > 15)
        for name in asked { #expect(told.contains(name), "\(name)") }
    }
}
