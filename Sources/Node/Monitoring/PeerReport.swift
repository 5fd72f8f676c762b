import Objects

/// What an instance tells its own peers of itself (service 39): no paths, and nothing of third ones.
struct PeerReport: Codable, Sendable {
    /// Longer answers are not read.
    static let byteCountMax = 64 << 10

    var name: String
    var role: String
    var storage: Snapshot.Room
}

extension Node {
    func peerReport() throws -> PeerReport {
        let reading = try charge.reading()
        return PeerReport(
            name: configuration.instance.name,
            role: configuration.instance.role.rawValue,
            storage: .init(
                used: reading.used,
                total: reading.quota,
                percentage: reading.fraction * 100,
                asOf: time.now.wholeMilliseconds
            )
        )
    }
}
