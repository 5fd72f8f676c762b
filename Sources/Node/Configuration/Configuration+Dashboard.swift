extension Configuration {
    /// `[dashboard]`: the page about this instance.
    package struct Dashboard: Decodable, Sendable, Equatable {
        package var enabled: Bool?
        /// `host:port`; nil: a port of this computer only, the same again after a restart where it is free.
        package var listen: String?
        /// Further names by which browsers reach it, as `name` or `name:port`.
        package var hosts: [String]?
        /// Whether programs read the metrics without a token.
        package var openMetrics: Bool?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case enabled, listen, hosts
            case openMetrics = "open_metrics"
        }
    }

    /// Names other than addresses that a browser may say in `Host`.
    private static let hostCountMax = 16

    func checkDashboard() throws(ConfigurationError) {
        func refusal(_ key: String, _ words: String) -> ConfigurationError {
            ConfigurationError(line: lines["dashboard.\(key)"], "`dashboard.\(key)` \(words)")
        }
        if let listen = dashboard.listen, (try? Listening(words: listen)) == nil {
            throw refusal("listen", "cannot be \"\(listen)\": it is host:port, such as 127.0.0.1:8766")
        }
        for host in dashboard.hosts ?? [] where host.isEmpty || host.contains("/") || host.contains(" ") {
            throw refusal("hosts", "cannot have \"\(host)\": it is a name such as box.example.org, or name:port")
        }
        if let hosts = dashboard.hosts, hosts.count > Self.hostCountMax {
            throw refusal("hosts", "has \(hosts.count) names: \(Self.hostCountMax) are enough")
        }
    }

    /// Those of the dashboard that count.
    var dashboardSettings: [(key: String, value: Setting.Value)] {
        [
            ("dashboard.enabled", .flag(dashboard.enabled ?? true)),
            ("dashboard.listen", dashboard.listen.map { .word($0) } ?? .none),
            ("dashboard.hosts", .words(dashboard.hosts ?? [])),
            ("dashboard.open_metrics", .flag(dashboard.openMetrics ?? false)),
        ]
    }
}
