import Foundation
import Objects
import Synchronization
import Testing

@testable import Peers

/// A relay between real sockets.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RelayTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws { (archive, laptop) = try TestInstance.pair() }

    /// Dials the archive through a relay and asks it for its status.
    private func ask(_ endpoint: Endpoint) async throws -> String? {
        let answer = OneShot<String?>()
        let group = laptop.group { session in answer.fulfil(try? await session.client.status()) }
        try await PeerDialer(peering: laptop.peering()).connect(
            to: endpoint,
            instanceKey: archive.boxKey.publicKey,
            group: group
        )
        return answer.current ?? nil
    }

    @Test func `Who listens through a relay is reached through it, again and again`() async throws {
        try await relaying { port, relay in
            try await listening(archive, through: .loopback(port)) { standings in
                for _ in 0..<6 {
                    for await standing in standings where standing.spareCount > 0 { break }
                    let answer = try await ask(.loopback(port))
                    #expect(answer == "{\"name\":\"archive\"}")
                }
                // One that was used is replaced.
                for await standing in standings where standing.spareCount == 2 { break }
            }
        }
    }

    @Test func `Large answers go through a relay, and the reason of a close both ways`() async throws {
        let bytes = SeededRandom(seed: 4).bytes(2_000_000)
        let hash = archive.store(bytes)
        let received = OneShot<Int>()
        let told = OneShot<PeerError?>()
        let waiting = archive.group { session in told.fulfil(await session.ended()) }
        let group = laptop.group { session in
            var byteCount = 0
            do {
                for try await piece in try await session.client.range(0..<2_000_000, of: hash) {
                    byteCount += piece.count
                }
            } catch {
                Issue.record(error)
            }
            received.fulfil(byteCount)
            session.disconnect("enough of it")
        }
        try await relaying { port, _ in
            try await listening(archive, through: .loopback(port), groups: [waiting]) { _ in
                try await PeerDialer(peering: laptop.peering()).connect(
                    to: .loopback(port),
                    instanceKey: archive.boxKey.publicKey,
                    group: group
                )
                #expect(received.current == 2_000_000)
                #expect(await told.value() == .closed("enough of it"))
            }
        }
    }

    @Test func `Nobody listening is said in the words of the protocol`() async throws {
        try await relaying { port, _ in
            let error = await #expect(throws: PeerError.self) { try await ask(.loopback(port)) }
            #expect(error == .closed("No listening connection for the specified publicKey."))
        }
    }

    @Test func `A listener comes back after the relay was started anew`() async throws {
        let port = OneShot<Int>()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (stop, stopped) = (OneShot<Void>(), OneShot<Void>())
            tasks.addTask {
                defer { stopped.fulfil(()) }
                try await relaying { bound, _ in
                    port.fulfil(bound)
                    _ = await stop.value()
                }
            }
            let bound = try #require(await port.value())
            let (archive, time) = (archive, ManualTime())
            let (standings, standing) = AsyncStream.makeStream(of: RelayListener.Standing.self)
            let listener = RelayListener(
                .loopback(bound),
                peering: archive.peering(time),
                groups: [archive.waiting],
                logger: silentLogger
            )
            tasks.addTask { await listener.run { standing.yield($0) } }
            for await standing in standings where standing.spareCount == 2 { break }
            stop.fulfil(())
            for await standing in standings where standing.spareCount == 0 {
                #expect(standing.lastError == "shutting down")
                break
            }
            // Its connections are closed before its port is free.
            _ = await stopped.value()
            try await relaying(port: bound) { _, _ in
                // Both wait ten seconds before they try again.
                await time.sleepers(2)
                time.advance(by: .seconds(10))
                for await standing in standings where standing.spareCount == 2 {
                    #expect(standing.lastError == nil)
                    break
                }
                tasks.cancelAll()
            }
        }
    }

    @Test func `A listener that hears no ping gives the relay up`() async throws {
        let time = ManualTime()
        let (archive, laptop) = (archive, laptop)
        let (standings, standing) = AsyncStream.makeStream(of: RelayListener.Standing.self)
        try await relaying { port, _ in
            let listener = RelayListener(
                .loopback(port),
                peering: archive.peering(time),
                groups: [laptop.waiting],
                logger: silentLogger
            )
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await listener.run { standing.yield($0) } }
                for await standing in standings where standing.spareCount == 2 { break }
                // The relay's own clock stands still for that long, so to say: 25 s and 4.
                time.advance(by: .seconds(28))
                await time.sleepers(2)
                time.advance(by: .seconds(1))
                for await standing in standings where standing.spareCount == 0 {
                    #expect(standing.lastError == "the relay has not said anything for too long")
                    break
                }
                tasks.cancelAll()
            }
        }
    }

    @Test func `Who does not answer a ping is closed, and who does stays`() async throws {
        var limits = RelayLimits()
        (limits.pingInterval, limits.pongTime) = (.milliseconds(50), .seconds(2))
        let keys = archive.boxKey
        try await relaying(limits) { port, relay in
            try await RawClient.with(port) { client in
                try await client.register(keys)
                for _ in 0..<3 {
                    #expect(try await client.command().command == .ping)
                    try await client.send(RelayCommand(.pong))
                }
                #expect(try await client.command().command == .ping)
                #expect(await client.end() == .closed("no pong came in time"))
            }
            #expect(relay.counts.spares == 0)
        }
    }

    @Test func `A dial waits for the pong that is owed, and then goes through`() async throws {
        var limits = RelayLimits()
        (limits.pingInterval, limits.pongTime) = (.milliseconds(20), .seconds(20))
        let keys = archive.boxKey
        try await relaying(limits) { port, relay in
            try await RawClient.with(port) { listener in
                try await listener.register(keys)
                #expect(try await listener.command().command == .ping)
                let request = HandshakeCommand("communication_request", source: [1], target: keys.publicKey)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        try await RawClient.with(port) { dialler in
                            try await dialler.transport.send(request.message)
                            #expect(try await dialler.next() == .text("hello"))
                            try await dialler.transport.send(.binary([1, 2, 3]))
                            #expect(await dialler.end() == .closed("bye"))
                        }
                    }
                    while relay.counts.connections < 2 { try await Task.sleep(for: .milliseconds(1)) }
                    try await listener.send(RelayCommand(.pong))
                    var message = try await listener.next()
                    // A pong may have been just in time for the next ping.
                    while try RelayCommand(message).command == .ping {
                        try await listener.send(RelayCommand(.pong))
                        message = try await listener.next()
                    }
                    #expect(message == RelayCommand(.handover).message)
                    #expect(try await listener.next() == request.message)
                    try await listener.transport.send(.text("hello"))
                    #expect(try await listener.next() == .binary([1, 2, 3]))
                    listener.transport.close("Close called: bye")
                    try await tasks.waitForAll()
                }
            }
        }
    }

    @Test func `Who cannot prove a key is not registered, nor who repeats an answer`() async throws {
        let (keys, other) = (archive.boxKey, laptop.boxKey)
        try await relaying { port, relay in
            let recorded = OneShot<WireMessage>()
            try await RawClient.with(port) { client in
                var registration = RelayRegistration(identity: keys)
                try await client.transport.send(registration.start())
                let request = try await client.next()
                guard case .reply(let answer) = try registration.receive(request, random: SystemRandom()) else {
                    return
                }
                recorded.fulfil(answer)
                try await client.transport.send(answer)
                #expect(try await client.command().command == .authenticationSuccess)
            }
            let replay = try #require(recorded.current)
            for answer in [replay, RelayCommand(.authenticationResponse, response: other.publicKey).message] {
                try await RawClient.with(port) { client in
                    try await client.send(RelayCommand(.register, publicKey: keys.publicKey))
                    #expect(try await client.command().command == .authenticationRequest)
                    try await client.transport.send(answer)
                    let refusal = PeerError.closed("the other side does not have the key it claims")
                    #expect(await client.end() == refusal)
                }
            }
            #expect(relay.counts.spares == 0)
        }
    }

    @Test func `A relay for some keys takes no others`() async throws {
        let (keys, other) = (archive.boxKey, laptop.boxKey)
        try await relaying(allowed: [keys.publicKey]) { port, _ in
            try await RawClient.with(port) { client in try await client.register(keys) }
            try await RawClient.with(port) { client in
                try await client.send(RelayCommand(.register, publicKey: other.publicKey))
                #expect(await client.end() == .closed("this relay is not for this publicKey"))
            }
        }
    }

    @Test func `A flood of registrations leaves room for others, and no more connections than are allowed`()
        async throws
    {
        var limits = RelayLimits()
        (limits.sparesPerAddress, limits.connections) = (10, 40)
        try await relaying(limits) { port, relay in
            try await listening(archive, through: .loopback(port)) { _ in
                let refusals = Tally()
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for seed in 100..<160 {
                        tasks.addTask { await Self.register(UInt64(seed), at: port, refusals) }
                    }
                    while refusals.count < 50 {
                        #expect(relay.counts.connections <= 40 && relay.counts.spares <= 10)
                        try await Task.sleep(for: .milliseconds(1))
                    }
                    let answer = try await ask(.loopback(port))
                    #expect(answer == "{\"name\":\"archive\"}")
                    tasks.cancelAll()
                }
            }
        }
    }

    /// Registers a new key and stays; counts it if the relay does not want it.
    private static func register(_ seed: UInt64, at port: Int, _ refusals: Tally) async {
        do {
            try await RawClient.with(port) { client in
                try await client.register(BoxKeyPair(random: SeededRandom(seed: seed)))
                if let error = await client.end() { throw error }
            }
        } catch {
            refusals.add()
        }
    }

    @Test func `A message over the limit closes both ends`() async throws {
        let keys = archive.boxKey
        try await relaying { port, _ in
            try await RawClient.with(port) { listener in
                try await listener.register(keys)
                try await RawClient.with(port) { dialler in
                    let request = HandshakeCommand("communication_request", source: [1], target: keys.publicKey)
                    try await dialler.transport.send(request.message)
                    #expect(try await listener.command().command == .handover)
                    _ = try await listener.next()
                    let largest = [UInt8](repeating: 7, count: RelayLimits().messageByteCount)
                    try await dialler.transport.send(.binary(largest))
                    #expect(try await listener.next() == .binary(largest))
                    try await dialler.transport.send(.binary(largest + [7]))
                    #expect(await dialler.end() != nil)
                    #expect(await listener.end() == .closed("WebSocket: frame too long"))
                }
            }
        }
    }

    @Test func `A slow reader stops its sender, and who reads nothing is cut off`() async throws {
        var limits = RelayLimits()
        limits.writeTimeout = .milliseconds(1_500)
        let keys = archive.boxKey
        try await relaying(limits) { port, relay in
            let sent = Tally()
            try await RawClient.with(port) { listener in
                try await listener.register(keys)
                try await RawClient.with(port) { dialler in
                    let request = HandshakeCommand("communication_request", source: [1], target: keys.publicKey)
                    try await dialler.transport.send(request.message)
                    #expect(try await listener.command().command == .handover)
                    // The listener reads no more.
                    let frame = [UInt8](repeating: 7, count: 65_536)
                    do {
                        while sent.count < 4_000 {
                            try await dialler.transport.send(.binary(frame))
                            sent.add()
                            // Both ends share a thread, which has to read and write.
                            await Task.yield()
                        }
                    } catch {
                        // Closed by the relay.
                    }
                    // Why, is lost where what the relay had not read yet makes a reset of the close (RFC 1122 4.2.2.13).
                    #expect(await dialler.end() != nil)
                }
            }
            // 250 MB would be all; what went is what sockets hold.
            #expect(sent.count < 1_000)
        }
    }

    @Test func `Who says nothing at the start is closed`() async throws {
        var limits = RelayLimits()
        limits.handshakeTime = .milliseconds(300)
        try await relaying(limits) { port, _ in
            try await RawClient.with(port) { silent in
                #expect(await silent.end() == .closed("the handshake took too long"))
            }
        }
    }

    @Test func `What nobody uses any more is closed`() async throws {
        var limits = RelayLimits()
        limits.idleTime = .milliseconds(300)
        let keys = archive.boxKey
        try await relaying(limits) { port, _ in
            try await RawClient.with(port) { listener in
                try await listener.register(keys)
                try await RawClient.with(port) { dialler in
                    let request = HandshakeCommand("communication_request", source: [1], target: keys.publicKey)
                    try await dialler.transport.send(request.message)
                    #expect(await dialler.end() == .closed("nothing was said for too long"))
                    #expect(await listener.end() == .closed("nothing was said for too long"))
                }
            }
        }
    }
}

/// A count that several tasks add to.
private final class Tally: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}
