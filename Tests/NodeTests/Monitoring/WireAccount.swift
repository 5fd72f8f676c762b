import Node
import Testing

/// What the two sides of a connection and the relay between them have counted.
///
/// The counters of an instance are those of its sockets: the HTTP upgrade, the handshake, WebSocket headers and all, which
/// is the payload of the packets, and so what the relay counts. While nothing is under way the three are equal to the
/// byte. Where a connection breaks they are not: what one side has written just then it has sent, though nobody gets it,
/// and what a side has closed it reads no more. How much that was is bounded and taken note of (`concede`), and everything
/// after it has to be equal again. A dial that comes to no session is no connection with a peer: its bytes are the relay's
/// alone.
struct WireAccount {
    private struct Reading {
        var archive: (in: Int, out: Int)
        var device: (in: Int, out: Int)
    }

    let relay: Relay
    let archive: Instance
    let device: Instance
    /// Connections of the relay that became sessions; nil: all.
    var sessionCount: Int?
    /// The first of those that the process of the device has made.
    private var firstOfProcess = 0
    /// Bytes that were written and not read because the connection broke.
    private var lost = Reading(archive: (0, 0), device: (0, 0))

    init(relay: Relay, archive: Instance, device: Instance) {
        (self.relay, self.archive, self.device) = (relay, archive, device)
    }

    /// How much more the writing sides have counted than the wire, and the wire than the reading sides.
    private func excess() async throws -> Reading {
        let there = try #require(try await archive.status().allConnections.first { $0.name == device.name })
        let here = try #require(try await device.status().allConnections.first { $0.name == archive.name })
        let (all, process) = (wire(from: 0), wire(from: firstOfProcess))
        return Reading(
            archive: (in: all.up - there.bytesIn, out: there.bytesOut - all.down),
            device: (in: process.down - here.bytesIn, out: here.bytesOut - process.up)
        )
    }

    private func wire(from first: Int) -> (up: Int, down: Int) {
        relay.connections.prefix(sessionCount ?? .max).dropFirst(first)
            .reduce((0, 0)) { ($0.0 + $1.up, $0.1 + $1.down) }
    }

    /// What they do not agree about.
    private func differences() async throws -> [String] {
        let before = relay.connections
        let excess = try await excess()
        guard relay.connections == before else { return ["something is under way"] }
        return [
            ("the archive has read too few", excess.archive.in - lost.archive.in),
            ("the archive has written too many", excess.archive.out - lost.archive.out),
            ("\(device.name) has read too few", excess.device.in - lost.device.in),
            ("\(device.name) has written too many", excess.device.out - lost.device.out),
        ].filter { $0.1 != 0 }.map { "\($0.0): \($0.1) bytes" }
    }

    /// Waits until all three say the same.
    func agrees(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        var last: [String] = []
        let begin = ContinuousClock.now
        repeat {
            last = try await differences()
            if last.isEmpty { return }
            try await Task.sleep(for: .milliseconds(20))
        } while ContinuousClock.now - begin < .seconds(10)
        Issue.record("\(device.name): \(last.joined(separator: "; "))", sourceLocation: sourceLocation)
    }

    /// After a break: takes note of what was lost by it, at most so many bytes more each way than before.
    mutating func concede(atMost limit: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let excess = try await excess()
        for more in [
            excess.archive.in - lost.archive.in, excess.archive.out - lost.archive.out,
            excess.device.in - lost.device.in, excess.device.out - lost.device.out,
        ] { #expect((0...limit).contains(more), sourceLocation: sourceLocation) }
        lost = excess
    }

    /// The process of the device has ended: what it has counted is gone with it.
    mutating func beginProcess() {
        firstOfProcess = relay.connections.count
        lost.device = (0, 0)
    }
}
