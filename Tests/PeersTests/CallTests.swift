import Objects
import Synchronization
import Testing

@testable import Peers

/// Calls: many at once, cancelled, too many, and answers no peer should give.
@Suite(.timeLimit(.minutes(5))) struct CallTests {
    private let archive: TestInstance
    private let laptop: TestInstance

    init() throws {
        (archive, laptop) = try TestInstance.pair()
    }

    @Test(arguments: Medium.allCases) func manyCallsInFlight(_ medium: Medium) async throws {
        let objects = (0..<300).map { SeededRandom(seed: UInt64($0)).bytes($0 * 100) }
        for object in objects { archive.store(object) }
        try await meet(laptop, archive, over: medium) { session in
            try await withThrowingTaskGroup { tasks in
                for object in objects {
                    tasks.addTask {
                        try await PeerReader(session.client).bytes(of: ObjectHash(of: object)) == object
                    }
                }
                for try await isSame in tasks { #expect(isSame) }
            }
            #expect(session.openCallCount == 0)
        }
    }

    @Test(arguments: Medium.allCases) func aCancelledReaderStopsTheSender(_ medium: Medium) async throws {
        let archive = archive
        try await meet(laptop, archive, over: medium) { session in
            let started = OneShot<Void>()
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    do {
                        for try await _ in try await session.client.feed(after: 0, limit: 1) { started.fulfil(()) }
                        Issue.record("the feed ended")
                    } catch {
                        #expect(error as? CallError == .cancelled)
                    }
                }
                await started.value()
                tasks.cancelAll()
            }
            #expect(session.openCallCount == 0)
            while archive.cancelledFeedCount == 0 { _ = try await session.client.status() }
        }
    }

    @Test(arguments: Medium.allCases) func aDroppedStreamStopsTheSender(_ medium: Medium) async throws {
        let archive = archive
        try await meet(laptop, archive, over: medium) { session in
            for try await _ in try await session.client.feed(after: 0, limit: 1) { break }
            while archive.cancelledFeedCount == 0 { _ = try await session.client.status() }
            #expect(session.openCallCount == 0)
        }
    }

    /// A reader that waits holds up nobody, and the sender stops at the window.
    @Test(arguments: Medium.allCases) func aSlowReaderBlocksNobody(_ medium: Medium) async throws {
        let bytes = SeededRandom(seed: 3).bytes(6 << 20)
        let hash = archive.store(bytes)
        try await meet(laptop, archive, over: medium) { session in
            var parts = try await session.client.objectParts([hash], requester: "test").makeAsyncIterator()
            _ = try await parts.next()
            for _ in 0..<50 { _ = try await session.client.status() }
            #expect(session.byteCounts.received < StreamBuffer.windowByteCount + (1 << 20))
            var byteCount = 0
            while let part = try await parts.next() {
                if case .bytes(let piece) = part { byteCount += piece.count }
            }
            #expect(byteCount == bytes.count)
        }
    }

    @Test func moreThanTheWindowIsRefused() async throws {
        let buffer = StreamBuffer()
        var table = CallTable()
        let id = table.open(.stream(buffer))
        let chunk = [UInt8](repeating: 1, count: StreamBuffer.windowByteCount / 2)
        #expect(table.receive(.binary(id: id, chunk)) == .none)
        #expect(table.receive(.binary(id: id, chunk)) == .none)
        #expect(table.receive(.binary(id: id, [1])) == .aborted)
        await #expect(throws: CallError.self) { while try await buffer.next() != nil {} }
        #expect(table.outgoing.isEmpty)
    }

    @Test func answersToNothingAreIgnoredAndCounted() throws {
        var table = CallTable()
        let reply = OneShot<Result<JSONValue, CallError>>()
        let id = table.open(.reply(reply))
        for message: CallMessage in [.data(id: 7, .null), .binary(id: id, [1]), .streamEnd(id: id), .streamEnd(id: 9)] {
            #expect(table.receive(message) == .ignored)
            try table.ignore(byteCount: 1)
        }
        #expect(table.ignoredCount == 4)
        #expect(table.receive(.data(id: id, .undefined)) == .closed)
        #expect(reply.current == .success(.undefined))
    }

    @Test(arguments: Medium.allCases) func errorsTravel(_ medium: Medium) async throws {
        let hash = archive.store([1])
        try await meet(laptop, archive, over: medium) { session in
            for hashes in [[], [hash, hash]] {
                await #expect(throws: CallError.self) {
                    for try await _ in try await session.client.objects(hashes, requester: "test") {}
                }
            }
            do {
                for try await _ in try await session.client.objects([hash], requester: "refuse") {}
            } catch {
                let callError = try #require(error as? CallError)
                #expect(ObjectError(callError, peer: "archive") == .refused(by: "archive"))
            }
        }
    }

    @Test func messagesReadAndWriteAlike() throws {
        let messages: [CallMessage] = [
            .request(
                id: 0,
                service: 33,
                arguments: [.undefined, .null, .array([.string("a"), .number(1.5)])],
                windowByteCount: nil,
                priority: .reader
            ),
            .request(
                id: 1,
                service: 33,
                arguments: [.object(["k": .boolean(true)])],
                windowByteCount: 5,
                priority: .background
            ),
            .data(id: 2, .undefined), .data(id: 2, .number(8)), .error(id: 3, CallFailure(message: "m", code: "c")),
            .text(id: 4, chunk: "é", encoding: "utf8"), .text(id: 4, chunk: "", encoding: nil), .binary(id: 5, [1, 2]),
            .streamEnd(id: 6), .streamError(id: 6, "why"), .abort(id: 7), .window(id: 8, byteCount: 9),
        ]
        for message in messages { #expect(CallMessage(message.message) == message) }
        #expect(
            CallMessage.data(id: 2, .undefined).message
                == .text(#"{"data":"$__undefined$","responseId":2,"type":"data"}"#)
        )
    }

    @Test func hostileMessagesAreNotUnderstood() {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        let texts = [
            "", "{}", "[]", "null", "{\"type\":\"request\"}", "{\"requestId\":-1,\"type\":\"request\",\"serviceId\":1}",
            "{\"requestId\":1e30,\"type\":\"request\",\"serviceId\":1}",
            "{\"requestId\":0.5,\"type\":\"write-stream-error\"}",
            "{\"responseId\":0,\"type\":\"data\",\"data\":\(deep)}", "{\"responseId\":0,\"type\":\"stream\"}",
            "{\"requestId\":0,\"type\":\"stream-window\",\"byteCount\":-5}",
        ]
        for text in texts { #expect(CallMessage(.text(text)) == nil, "\(text)") }
        for bits: UInt64 in [
            0x7FF0_0000_0000_0000, 0x7FF8_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x3FE0_0000_0000_0000,
        ] {
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
            #expect(CallMessage(.binary(bytes)) == nil)
        }
        #expect(CallMessage(.binary([0, 0])) == nil)
    }

    /// Answers when it is told to.
    private struct Patient: CallHandler {
        let isTold = OneShot<Void>()

        func answer(_ call: IncomingCall) async throws -> Answer {
            await isTold.value()
            return .data(.undefined)
        }
    }

    @Test func `Who asks for everything at once gets an answer to all of it`() async throws {
        let (near, far) = MemoryTransport.pair()
        let connection = Connection.forTests(near)
        let calls = Calls(connection: connection, isExtended: false)
        let handler = Patient()
        let count = 3 * CallTable.incomingCountMax
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await connection.write() }
            tasks.addTask {
                var answers = far.messages()
                while (try? await answers.next(isolation: nil)) != nil {}
            }
            await withDiscardingTaskGroup { serving in
                for id in 0..<count {
                    let request = CallMessage.request(id: id, service: 1, arguments: [], windowByteCount: nil)
                    guard let call = try? await calls.receiveInTurn(request.message) else {
                        Issue.record("request \(id) was not taken")
                        break
                    }
                    serving.addTask { await calls.serve(call, handler) }
                    if id == CallTable.incomingCountMax - 1 { handler.isTold.fulfil(()) }
                }
            }
            connection.close("done")
            far.close("done")
        }
    }

    @Test func aFloodOfRequestsIsAViolation() throws {
        var table = CallTable()
        let connection = Connection.forTests()
        func call(_ id: Int) -> IncomingCall {
            IncomingCall(
                id: id,
                service: 1,
                arguments: [],
                stream: StreamWriter(id: id, windowByteCount: nil, priority: .reader, connection: connection),
                aborted: OneShot()
            )
        }
        for id in 0..<CallTable.incomingCountMax { try table.accept(call(id)) }
        #expect(throws: PeerError.self) { try table.accept(call(1000)) }
        table.closeIncoming(0)
        try table.accept(call(1000))
        #expect(throws: PeerError.self) { try table.accept(call(1000)) }
    }
}

extension Connection {
    static func forTests(_ near: MemoryTransport = MemoryTransport.pair().0, time: ManualTime = ManualTime())
        -> Connection
    {
        let keys = SessionKeys(
            key: SharedKey(bytes: [UInt8](repeating: 1, count: 32)) ?? fallbackKey,
            isInitiator: true
        )
        return Connection(
            transport: near,
            isInitiator: true,
            localKey: [],
            remoteKey: [],
            keys: keys,
            authentication: Authentication {},
            timekeeper: time,
            random: SeededRandom(seed: 1)
        )
    }

    private static var fallbackKey: SharedKey { preconditionFailure("32 bytes are a key") }
}
