import Foundation
import Objects
import Testing

@testable import Peers

/// The independent implementation in one_peer.py through our relay, from either side of it.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: Fixtures.tools != nil, "one_peer.py is not on this machine: set IOM_TOOLS"),
    .enabled(if: PythonTool.has("nacl, websockets"), "python has no pynacl or websockets")
)
struct RelayedPeerTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws { (archive, laptop) = try TestInstance.pair() }

    private func arguments(_ role: String, _ port: Int) throws -> [String] {
        guard case .text(let registration) = ProofMessage.message(laptop.proof) else { return [] }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Support/relayed_peer.py").path
        let tools = try #require(Fixtures.tools).path
        return [
            script, tools, Hex.text(laptop.boxKey.secret), registration, "ws://127.0.0.1:\(port)", role,
            Hex.text(archive.boxKey.publicKey),
        ]
    }

    @Test func `It dials who listens through the relay`() async throws {
        try await relaying { port, _ in
            try await listening(archive, through: .loopback(port)) { _ in
                let outcome = try await PythonTool.running(try arguments("dial", port))
                #expect(outcome.output == "{\"name\":\"archive\"}\n")
            }
        }
    }

    @Test func `It is told that nobody listens`() async throws {
        try await relaying { port, _ in
            let outcome = try await PythonTool.running(try arguments("dial", port))
            let reason = "No listening connection for the specified publicKey."
            #expect(outcome.output == "closed 1000 Close called: \(reason)\n")
        }
    }

    @Test func `It listens through the relay, answers pings, and is dialled twice`() async throws {
        var limits = RelayLimits()
        limits.pingInterval = .milliseconds(100)
        try await relaying(limits) { port, relay in
            let (process, output) = try PythonTool.start(try arguments("listen", port))
            defer { process.terminate() }
            _ = try await OwnThread.run { output.fileHandleForReading.availableData }
            for _ in 0..<2 {
                let answer = OneShot<String>()
                let group = archive.group { session in
                    answer.fulfil((try? await session.client.status()) ?? "nothing")
                }
                try await PeerDialer(peering: archive.peering()).connect(
                    to: .loopback(port),
                    instanceKey: laptop.boxKey.publicKey,
                    group: group
                )
                #expect(answer.current == String(repeating: "x", count: 100_000))
                while relay.counts.spares == 0 { try await Task.sleep(for: .milliseconds(5)) }
            }
        }
    }
}
