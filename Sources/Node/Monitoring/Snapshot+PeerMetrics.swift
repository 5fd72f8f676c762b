import Objects

extension Snapshot {
    /// So many peers have a label of their own.
    package static let peersToldMax = 64
    /// The label of all others together.
    package static let otherPeers = "others"

    /// A peer as metrics tell it, or several as one.
    private struct Told {
        var label: String
        var connections: [Connection]

        func sum(_ value: (Connection) -> Int) -> Double { Double(connections.reduce(0) { $0 + value($1) }) }

        /// Of one only: there is no sum of it.
        func single(_ value: (Connection) -> Double?) -> Double? {
            connections.count == 1 ? value(connections[0]) : nil
        }
    }

    private var told: [Told] {
        var names: Set<String> = []
        var told = allConnections.prefix(Self.peersToldMax).map { connection in
            let isNew = names.insert(connection.name).inserted
            let label = isNew ? connection.name : "\(connection.name) ~\(connection.id.hex.prefix(8))"
            return Told(label: label, connections: [connection])
        }
        let others = allConnections.dropFirst(Self.peersToldMax)
        if !others.isEmpty { told.append(Told(label: Self.otherPeers, connections: Array(others))) }
        return told
    }

    func addPeers(to metrics: inout Exposition) {
        let told = told
        func each(_ value: (Told) -> Double?) -> [(Exposition.Labels, Double?)] {
            told.map { ([("peer", $0.label)], value($0)) }
        }
        func ways(
            _ received: (Connection) -> Int,
            _ sent: (Connection) -> Int
        ) -> [(Exposition.Labels, Double?)] {
            told.flatMap { peer in
                [
                    ([("peer", peer.label), ("direction", "received")], peer.sum(received)),
                    ([("peer", peer.label), ("direction", "sent")], peer.sum(sent)),
                ]
            }
        }
        addConnections(to: &metrics, each)
        metrics.add(
            "iom_peer_wire_bytes_total",
            .counter,
            "Bytes as they lay on the wire.",
            ways(\.bytesIn, \.bytesOut)
        )
        metrics.add(
            "iom_peer_objects_total",
            .counter,
            "Objects that were transferred as a whole.",
            ways(\.received.objects, \.sent.objects)
        )
        metrics.add(
            "iom_peer_object_bytes_total",
            .counter,
            "Bytes of objects and parts of objects.",
            ways(\.received.bytes, \.sent.bytes)
        )
        metrics.add(
            "iom_transferred_objects_total",
            .counter,
            "Objects transferred with all peers, also those that are gone.",
            [([("direction", "received")], Double(received.objects)), ([("direction", "sent")], Double(sent.objects))]
        )
        metrics.add(
            "iom_transferred_bytes_total",
            .counter,
            "Bytes of objects transferred with all peers, also those that are gone.",
            [([("direction", "received")], Double(received.bytes)), ([("direction", "sent")], Double(sent.bytes))]
        )
    }

    private func addConnections(
        to metrics: inout Exposition,
        _ each: ((Told) -> Double?) -> [(Exposition.Labels, Double?)]
    ) {
        metrics.add(
            "iom_peer_connected",
            .gauge,
            "Whether there is a connection.",
            each { $0.sum { $0.state == .connected ? 1 : 0 } }
        )
        metrics.add(
            "iom_peer_state_since_seconds",
            .gauge,
            "When it became so, since 1970.",
            each { $0.single { $0.since.map { Double($0) / 1_000 } } }
        )
        metrics.add("iom_peer_sessions_total", .counter, "Connections that were made.", each { $0.sum(\.sessions) })
        metrics.add(
            "iom_peer_errors_total",
            .counter,
            "Connections that failed or broke.",
            each { $0.sum(\.errors) }
        )
        metrics.add(
            "iom_peer_round_trip_seconds",
            .gauge,
            "How long the last WebSocket ping took.",
            each { $0.single(\.roundTrip) }
        )
        metrics.add("iom_peer_queue_length", .gauge, "Objects in line there.", each { $0.sum(\.queue) })
        metrics.add("iom_peer_open_calls", .gauge, "Calls without an answer yet.", each { $0.sum(\.openCalls) })
        metrics.add(
            "iom_peer_sync_changes_total",
            .counter,
            "Changes that were received and taken in.",
            each { $0.sum(\.sync.changes) }
        )
        metrics.add(
            "iom_peer_sync_behind_changes",
            .gauge,
            "Changes that are still to come, as far as was heard.",
            each { $0.single { $0.sync.behind.map(Double.init) } }
        )
        metrics.add(
            "iom_peer_sync_failures_total",
            .counter,
            "Failures in following.",
            each { $0.sum(\.sync.failures) }
        )
        metrics.add(
            "iom_peer_last_sync_time_seconds",
            .gauge,
            "When nothing was left to come last, since 1970.",
            each { $0.single { $0.sync.lastSync.map { Double($0) / 1_000 } } }
        )
    }
}
