package import Objects

/// Something that was taken out of `objects/` because its bytes are not what its name says.
package struct Quarantined: Hashable, Sendable, Codable {
    package var hash: ObjectHash
    /// In words, for people.
    package var reason: String
    /// Name of the file in `quarantine/`; nil if it could not be moved there.
    package var name: String?

    package init(hash: ObjectHash, reason: String, name: String?) {
        (self.hash, self.reason, self.name) = (hash, reason, name)
    }
}

/// The stream of what was found, bounded.
struct Findings: Sendable {
    let stream: AsyncStream<Quarantined>
    private let continuation: AsyncStream<Quarantined>.Continuation

    private static let pendingCountMax = 1024

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.pendingCountMax))
    }

    func report(_ finding: Quarantined) { continuation.yield(finding) }
}
