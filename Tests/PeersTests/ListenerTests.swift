import Foundation
import Logging
import Objects
import Testing

@testable import Peers

/// The listener against everything that is not a peer.
@Suite(.timeLimit(.minutes(3))) struct ListenerTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws {
        (archive, laptop) = try TestInstance.pair()
    }

    /// A member can still come in.
    private func checkAlive(_ port: Int) async throws {
        let group = laptop.group { session in
            #expect((try? await session.client.status()) == "{\"name\":\"archive\"}")
        }
        try await PeerDialer(peering: laptop.peering()).connect(
            to: Endpoint(host: "127.0.0.1", port: port),
            instanceKey: archive.boxKey.publicKey,
            group: group
        )
    }

    @Test(.enabled(if: Fixtures.tools != nil, "wsraw.py is not on this machine: set IOM_TOOLS"))
    func noIllegalFrameOrHandshakeIsAccepted() async throws {
        let tool = try #require(Fixtures.tools).appendingPathComponent("wsraw.py").path
        try await listening(archive) { port in
            let outcome = try await PythonTool.running([tool, "127.0.0.1", "\(port)"])
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(!outcome.output.contains("NO REACTION"), "\(outcome.output)")
            #expect(!outcome.output.contains("ACCEPTED"), "\(outcome.output)")
            #expect(outcome.output.contains("alive after all: True"), "\(outcome.output)")
            try await checkAlive(port)
        }
    }

    @Test func aCrowdOfSilentStrangersLocksNobodyOut() async throws {
        try await listening(archive) { port in
            let sockets = try await OwnThread.run { try (0..<300).map { _ in try TestSocket(port: port) } }
            try await checkAlive(port)
            // The oldest had to go.
            let rest = try await OwnThread.run { sockets[0].readToEnd() }
            #expect(rest.isEmpty)
        }
    }

    @Test func wrongHostsAndOriginsAreRefused() async throws {
        try await listening(archive) { port in
            let hosts = ["evil.example", "127.0.0.1.evil.example", "[::2]", "127.0.0.2:1", "", "localhost:x", "a b"]
            for host in hosts {
                let isUpgraded = try await OwnThread.run { try TestSocket(port: port).upgrades(host: host) }
                #expect(!isUpgraded, "\(host)")
            }
            for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:8765"] {
                let isUpgraded = try await OwnThread.run { try TestSocket(port: port).upgrades(host: host) }
                #expect(isUpgraded, "\(host)")
            }
            for extra in ["Origin: http://localhost\r\n", "Host: localhost\r\n", "Sec-WebSocket-Version: 13\r\n"] {
                let isUpgraded = try await OwnThread.run {
                    try TestSocket(port: port).upgrades(host: "localhost", extra: extra)
                }
                #expect(!isUpgraded, "\(extra)")
            }
        }
    }

    @Test func strangersAreAnsweredNothing() async throws {
        let archive = archive
        let hash = archive.store([1, 2, 3])
        let request =
            "{\"requestId\":0,\"type\":\"request\",\"serviceId\":33,\"args\":[[\"\(hash)\"],\"x\"]}"
        for message in ["hello", "{}", "{\"command\":\"sync\"}", request, String(repeating: "a", count: 20000)] {
            let (near, far) = MemoryTransport.pair()
            try await near.send(.text(message))
            await #expect(throws: PeerError.self) {
                try await archive.peering().accept(far, groups: [archive.waiting])
            }
            #expect(far.byteCounts.sent == 0)
        }
        #expect(archive.servedCount(hash) == 0)
    }

    @Test func cancellingClosesEverything() async throws {
        let (archive, laptop) = (archive, laptop)
        let ended = OneShot<PeerError?>()
        let started = OneShot<Void>()
        try await withThrowingTaskGroup { tasks in
            let port = OneShot<Int>()
            tasks.addTask {
                try await listening(archive) { bound in
                    port.fulfil(bound)
                    _ = await started.value()
                }
            }
            let group = laptop.group { session in
                started.fulfil(())
                ended.fulfil(await session.ended())
            }
            let bound = try #require(await port.value())
            await #expect(throws: PeerError.closed("shutting down")) {
                try await PeerDialer(peering: laptop.peering()).connect(
                    to: Endpoint(host: "127.0.0.1", port: bound),
                    instanceKey: archive.boxKey.publicKey,
                    group: group
                )
            }
            try await tasks.waitForAll()
        }
    }

    @Test func aPortInUseIsSaid() async throws {
        try await listening(archive) { port in
            let second = PeerListener(
                PeerListener.Configuration(host: "127.0.0.1", port: port),
                peering: laptop.peering(),
                groups: [],
                logger: .init(label: "test")
            )
            await #expect(throws: PeerError.self) { try await second.run() }
        }
    }

    @Test func diallingNobodyFailsAtOnce() async throws {
        let port = try await listening(archive) { $0 }
        await #expect(throws: PeerError.self) {
            try await PeerDialer(peering: laptop.peering()).connect(
                to: Endpoint(host: "127.0.0.1", port: port),
                instanceKey: archive.boxKey.publicKey,
                group: laptop.waiting
            )
        }
    }

    @Test func diallingASilentServerCanBeCancelled() async throws {
        let server = try SilentServer()
        let laptop = laptop
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await #expect(throws: PeerError.cancelled) {
                    try await PeerDialer(peering: laptop.peering()).connect(
                        to: Endpoint(host: "127.0.0.1", port: server.port),
                        instanceKey: laptop.boxKey.publicKey.reversed(),
                        group: laptop.waiting
                    )
                }
            }
            try? await OwnThread.run { server.accept() }
            tasks.cancelAll()
        }
    }
}
