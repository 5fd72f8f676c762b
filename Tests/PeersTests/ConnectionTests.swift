import Objects
import Synchronization
import Testing

@testable import Peers

/// What a connection does about time and about bytes somebody changed on the way.
@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws {
        (archive, laptop) = try TestInstance.pair()
    }

    @Test func everySingleChangedFrameEndsTheConnection() async throws {
        let hash = archive.store(SeededRandom(seed: 1).bytes(1000))
        for number in 0..<6 {
            let result = try? await meet(
                laptop,
                archive,
                over: .memory,
                tampering: { index, message in index == number ? [message.flipped(seed: UInt64(number))] : [message] },
                body: { session in try await PeerReader(session.client).bytes(of: hash) }
            )
            #expect(result == nil, "message \(number)")
        }
    }

    @Test func repeatedDroppedAndSwappedFramesEndTheConnection() async throws {
        let tamperings: [MemoryTransport.Tampering] = [
            { index, message in index == 5 ? [message, message] : [message] },
            { index, message in index == 5 ? [] : [message] },
            { index, message in index == 5 ? [.binary([]), message] : [message] },
            { index, message in index == 5 ? [.text("keepalive"), message] : [message] },
        ]
        for tampering in tamperings {
            // Several calls: what is missing shows in what comes after it.
            let result = try? await meet(laptop, archive, over: .memory, tampering: tampering) { session in
                try await withThrowingTaskGroup { tasks in
                    for _ in 0..<8 { tasks.addTask { try await session.client.status() } }
                    try await tasks.waitForAll()
                }
                return true
            }
            #expect(result == nil)
        }
    }

    @Test func aReplayedSessionIsRefused() async throws {
        let recording = Mutex<[WireMessage]>([])
        try await meet(
            laptop,
            archive,
            over: .memory,
            tampering: { _, message in
                recording.withLock { $0.append(message) }
                return [message]
            },
            body: { session in _ = try await session.client.status() }
        )
        let messages = recording.withLock { $0 }
        #expect(messages.count >= 4)
        let (near, far) = MemoryTransport.pair()
        for message in messages.prefix(10) { try await near.send(message) }
        await #expect(throws: PeerError.violated("an encrypted frame does not open")) {
            try await archive.peering().accept(far, groups: [archive.waiting])
        }
    }

    @Test func silentHandshakesEndInTime() async throws {
        let time = ManualTime()
        let (near, far) = MemoryTransport.pair()
        let archive = archive
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                await #expect(throws: PeerError.timedOut("the handshake took too long")) {
                    try await archive.peering(time).accept(far, groups: [archive.waiting])
                }
            }
            await time.sleepers(1)
            time.advance(by: Peering.handshakeTimeMax)
        }
        _ = near
    }

    @Test func `Who has no room to read on does not take the other side for silent`() async {
        let time = ManualTime()
        let connection = Connection.forTests(time: time)
        await withTaskGroup(of: Void.self) { tasks in
            connection.holdBack(true)
            tasks.addTask { await connection.watch() }
            for _ in 0..<4 {
                await time.sleepers(1)
                time.advance(by: Keepalive.interval)
            }
            await time.sleepers(1)
            #expect(connection.endReason == nil)
            connection.holdBack(false)
            time.advance(by: Keepalive.silenceMax)
        }
        #expect(connection.endReason == .timedOut("nothing received for 25 seconds"))
    }

    @Test func idleSessionsLiveByKeepalivesAndDieOfSilence() async throws {
        let (time, frozen) = (ManualTime(), ManualTime())
        let (near, far) = MemoryTransport.pair()
        let (archive, laptop) = (archive, laptop)
        let live = OneShot<Void>()
        let group = laptop.group { session in
            live.fulfil(())
            _ = await session.ended()
        }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await archive.peering(frozen).accept(far, groups: [archive.waiting]) }
            tasks.addTask {
                await #expect(throws: PeerError.timedOut("nothing received for 25 seconds")) {
                    try await laptop.peering(time).dial(near, target: archive.boxKey.publicKey, group: group)
                }
            }
            await live.value()
            // The watch and the handshake's limit on either side.
            await time.sleepers(2)
            await frozen.sleepers(2)
            for _ in 0..<4 {
                let before = (near.readCount, far.readCount)
                time.advance(by: Keepalive.interval)
                frozen.advance(by: Keepalive.interval)
                await time.sleepers(1)
                await frozen.sleepers(1)
                while near.readCount == before.0 || far.readCount == before.1 { await Task.yield() }
            }
            // From here on the other side's clock stands still: it says nothing more.
            time.advance(by: Keepalive.interval)
            await time.sleepers(1)
            time.advance(by: Keepalive.silenceMax - Keepalive.interval)
        }
    }
}

extension WireMessage {
    /// With one bit changed.
    func flipped(seed: UInt64) -> WireMessage {
        let random = SeededRandom(seed: seed)
        switch self {
        case .binary(var bytes):
            guard !bytes.isEmpty else { return .binary([0]) }
            bytes[Int(random.number(below: UInt64(bytes.count)))] ^= 1 << UInt8(random.number(below: 8))
            return .binary(bytes)
        case .text(let text):
            return .text(String(text.dropLast(12)) + "00000000\"}")
        }
    }
}
