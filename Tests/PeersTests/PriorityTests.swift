import Objects
import Testing

@testable import Peers

/// Answers to readers go before work in the background, which goes on nevertheless.
@Suite(.timeLimit(.minutes(5))) struct PriorityTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws {
        (archive, laptop) = try TestInstance.pair()
    }

    @Test(arguments: Medium.allCases) func aReaderOvertakesBulk(_ medium: Medium) async throws {
        let bulk = (0..<64).map { archive.store(SeededRandom(seed: UInt64($0)).bytes(1 << 20)) }
        let small = archive.store(Array("what somebody waits for".utf8))
        try await meet(laptop, archive, over: medium) { session in
            let flowing = OneShot<Void>()
            async let copied = Self.copy(bulk, from: session.client, flowing)
            await flowing.value()
            for _ in 0..<3 {
                let bytes = try await PeerReader(session.client).bytes(of: small)
                #expect(bytes == Array("what somebody waits for".utf8))
            }
            #expect(session.byteCounts.received < 64 << 20)
            #expect(try await copied == 64)
        }
    }

    /// Copies objects in the background; returns how many came.
    private static func copy(_ hashes: [ObjectHash], from client: IoMClient, _ flowing: OneShot<Void>) async throws
        -> Int
    {
        var count = 0
        for try await object in try await client.objects(hashes, requester: "copy", priority: .background) {
            guard case .object = object else { continue }
            count += 1
            flowing.fulfil(())
        }
        return count
    }

    /// Sixty-four copies under way, and a reader: only what is being sent already goes before its answer.
    @Test func anAnswerWaitsForNoMoreThanIsOnTheWire() async throws {
        let (near, far) = MemoryTransport.pair()
        let connection = Connection.forTests(near)
        // Nobody reads: the pipe takes so much, and then the writer waits with one more.
        let bulk = WireMessage.binary([UInt8](repeating: 7, count: StreamWriter.chunkByteCountMax))
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await connection.write() }
            for _ in 0..<64 { tasks.addTask { try? await connection.send(bulk, .background) } }
            while near.byteCounts.sent < 17 * StreamWriter.chunkByteCountMax { await Task.yield() }
            try? await connection.send(.binary([1, 2, 3]))
            var messages = far.messages()
            var position = 0
            while case .binary(let frame)? = try? await messages.next(isolation: #isolation), frame.count > 1000 {
                position += 1
            }
            #expect(position == 17)
            connection.close("done")
        }
    }

    @Test func whatIsSentNextIsChosenWhenThereIsRoom() async throws {
        let outbox = Outbox()
        for number in 0..<3 { #expect(outbox.post(.message(.text("copy \(number)")), .background)) }
        #expect(outbox.post(.message(.text("answer")), .reader))
        #expect(await Self.next(outbox) == "answer")
        #expect(await Self.next(outbox) == "copy 0")
        #expect(outbox.post(.message(.text("another")), .reader))
        #expect(await Self.next(outbox) == "another")
        #expect(await Self.next(outbox) == "copy 1")
        #expect(await Self.next(outbox) == "copy 2")
    }

    @Test func readersSlowTheBackgroundDownAndDoNotStopIt() async throws {
        let outbox = Outbox()
        let answer = WireMessage.binary([UInt8](repeating: 0, count: Outbox.readerByteCountMax / 4))
        for _ in 0..<12 { #expect(outbox.post(.message(answer), .reader)) }
        for number in 0..<2 { #expect(outbox.post(.message(.text("copy \(number)")), .background)) }
        var order: [String] = []
        for _ in 0..<14 { order.append(await Self.next(outbox)) }
        #expect(order.enumerated().filter { $0.element != "" }.map(\.offset) == [4, 9])
    }

    /// The text of what goes out next; empty for bytes.
    private static func next(_ outbox: Outbox) async -> String {
        guard let departure = await outbox.next() else { return "end" }
        outbox.release(departure)
        if case .message(.text(let text)) = departure.item { return text }
        return ""
    }

    /// Whoever works in the background has places of its own for calls and messages.
    @Test func theBackgroundTakesNoPlaceOfAReader() async throws {
        let hash = archive.store(Array("small".utf8))
        try await meet(laptop, archive, over: .memory) { session in
            var feeds: [FeedStream] = []
            for _ in 0..<Calls.openCountMax { feeds.append(try await session.client.feed(after: 0, limit: 1)) }
            let bytes = try await PeerReader(session.client).bytes(of: hash)
            #expect(bytes == Array("small".utf8))
            #expect(feeds.count == session.openCallCount)
        }
    }
}
