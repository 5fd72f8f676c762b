import Synchronization

/// A request of the other side, until it is answered.
package struct IncomingCall: Sendable {
    let id: Int
    package let service: Int
    package let arguments: [JSONValue]
    package var priority: CallPriority { stream.priority }
    /// For answering with a stream.
    package let stream: StreamWriter
    let aborted: OneShot<Void>

    func abort() {
        stream.abort()
        aborted.fulfil(())
    }
}

/// What a service gives back.
package enum Answer: Sendable {
    case data(JSONValue)
    /// Everything went through `IncomingCall.stream`.
    case streamed
}

/// Answers requests; called for many at the same time.
///
/// Throws a `CallFailure` for the caller to see.
package protocol CallHandler: Sendable {
    func answer(_ call: IncomingCall) async throws -> Answer
    /// How many such calls are answered at once; nil: all.
    func turns(for call: IncomingCall) -> Permits?
}

extension CallHandler {
    package func turns(for call: IncomingCall) -> Permits? { nil }
}

/// Calls in both directions over one connection (one-protocol 4.2).
package final class Calls: Sendable {
    /// Own requests in flight of one priority; further callers wait.
    ///
    /// A reader never waits for a place that work in the background has.
    package static let openCountMax = 64

    private let connection: Connection
    private let table = Mutex(CallTable())
    private let readerPermits = Permits(openCountMax)
    private let backgroundPermits = Permits(openCountMax)
    private let end = OneShot<PeerError>()
    /// A request of the other side has been answered.
    private let served = Pulse()

    /// What is smaller fills no buffer soon.
    private static let largeByteCount = 1024
    /// Brackets, braces and commas of a message of one-protocol: lists in it are texts.
    private static let markCountMax = 1_000
    /// Bytes of all arguments of a request of one-protocol: a hash and a word.
    private static let argumentByteCountMax = 4_096
    /// Whether the other side knows windows of streams and priorities, which are no part of one-protocol.
    private let isExtended: Bool

    package init(connection: Connection, isExtended: Bool = true) {
        (self.connection, self.isExtended) = (connection, isExtended)
    }

    /// Counts what was ignored: it was not understood, or belonged to no open call.
    package var ignoredCount: Int { table.withLock { $0.ignoredCount } }
    /// How long nothing has come of what was asked for; nil: nothing is waited for.
    func oldestWait(_ now: Duration) -> Duration? {
        table.withLock { table in
            guard !table.outgoing.isEmpty else {
                table.lastAnswer = nil
                return nil
            }
            // Counted from the first look at it.
            if table.lastAnswer == nil { table.lastAnswer = now }
            return table.lastAnswer.map { now - $0 }
        }
    }

    /// Own calls that are open.
    package var openCount: Int { table.withLock { $0.outgoing.count } }

    /// Calls a service that answers with a value.
    ///
    /// Cancelling the task tells the other side to stop.
    package func call(
        _ service: Int,
        _ arguments: [JSONValue],
        priority: CallPriority = .reader
    ) async throws(CallError) -> JSONValue {
        let reply = OneShot<Result<JSONValue, CallError>>()
        let id = try await open(.reply(reply), service, arguments, windowByteCount: nil, priority)
        defer { permits(priority).release() }
        guard let result = await reply.value() else {
            abandon(id, priority)
            throw .cancelled
        }
        return try result.get()
    }

    /// Calls a service that answers with a stream.
    package func stream(
        _ service: Int,
        _ arguments: [JSONValue],
        priority: CallPriority = .reader
    ) async throws(CallError) -> InboundStream {
        let buffer = StreamBuffer(hasWindow: isExtended)
        let window = isExtended ? StreamBuffer.windowByteCount : nil
        let id = try await open(.stream(buffer), service, arguments, windowByteCount: window, priority)
        let release = OneShot<Void>()
        return InboundStream(
            buffer: buffer,
            grant: { [connection, isExtended] in
                if isExtended { connection.post(CallMessage.window(id: id, byteCount: $0).message) }
            },
            abandon: { [weak self] in
                self?.abandon(id, priority)
                buffer.forget()
                if release.fulfil(()) { self?.permits(priority).release() }
            }
        )
    }

    private func permits(_ priority: CallPriority) -> Permits {
        priority == .reader ? readerPermits : backgroundPermits
    }

    private func open(
        _ call: CallTable.Outgoing,
        _ service: Int,
        _ arguments: [JSONValue],
        windowByteCount: Int?,
        _ priority: CallPriority
    ) async throws(CallError) -> Int {
        guard await permits(priority).acquire() else { throw end.current.map { .ended($0) } ?? .cancelled }
        let id = table.withLock { $0.open(call) }
        let request = CallMessage.request(
            id: id,
            service: service,
            arguments: arguments,
            windowByteCount: windowByteCount,
            priority: isExtended ? priority : .reader
        )
        do throws(PeerError) {
            try await connection.send(request.message, priority)
            return id
        } catch {
            _ = table.withLock { $0.closeOutgoing(id) }
            permits(priority).release()
            throw error == .cancelled ? .cancelled : .ended(error)
        }
    }

    /// Forgets an own call and tells the other side, if the call is still open; behind the request, which may not have
    /// left yet.
    private func abandon(_ id: Int, _ priority: CallPriority) {
        if table.withLock({ $0.closeOutgoing(id) }) { connection.post(CallMessage.abort(id: id).message, priority) }
    }
}

extension Calls {
    /// The same, when what came before has been read and not too many requests wait for their answers: for a side that
    /// knows no windows, and asks for everything it was granted at the same time (one-protocol 4.5).
    func receiveInTurn(_ message: WireMessage) async throws(PeerError) -> IncomingCall? {
        if table.withLock({ $0.isFull }) {
            connection.holdBack(true)
            defer { connection.holdBack(false) }
            while table.withLock({ $0.isFull }) {
                guard await served.wait() else { throw .cancelled }
            }
        }
        let call = try receive(message)
        if message.byteCount >= Self.largeByteCount, let buffer = table.withLock({ $0.overfullStream }) {
            connection.holdBack(true)
            defer { connection.holdBack(false) }
            guard await buffer.hasRoom() else { throw .cancelled }
        }
        return call
    }

    /// Takes a message of the other side; gives back a request that is to be served.
    package func receive(_ message: WireMessage) throws(PeerError) -> IncomingCall? {
        if !isExtended, case .text(let text) = message,
            !JSONText.hasFewMarks(text, countMax: Self.markCountMax)
        {
            throw .violated("a message with too much in it")
        }
        let byteCount = message.byteCount
        guard let message = CallMessage(message) else {
            // The reference sends an empty one where it means to send a blob (one-protocol 4.10 #1).
            if case .binary(let bytes) = message, bytes.count < CallMessage.binaryHeaderByteCount,
                isExtended || !bytes.isEmpty
            {
                throw .violated("a binary message without a number")
            }
            try table.withLock { table throws(PeerError) in try table.ignore(byteCount: byteCount) }
            return nil
        }
        switch message {
        case .request(let id, let service, let arguments, let window, let priority):
            guard isExtended || byteCount <= Self.argumentByteCountMax else { throw .violated("a request too long") }
            let stream = StreamWriter(id: id, windowByteCount: window, priority: priority, connection: connection)
            let call = IncomingCall(id: id, service: service, arguments: arguments, stream: stream, aborted: OneShot())
            try table.withLock { table throws(PeerError) in try table.accept(call) }
            return call
        case .abort(let id): table.withLock { $0.incoming[id] }?.abort()
        case .window(let id, let byteCount): table.withLock { $0.incoming[id] }?.stream.grant(byteCount)
        default:
            let effect = try table.withLock { table throws(PeerError) in
                let effect = table.receive(message)
                if case .ignored = effect { try table.ignore(byteCount: byteCount) }
                return effect
            }
            if case .aborted = effect { connection.post(CallMessage.abort(id: message.id).message) }
        }
        return nil
    }

    /// Has a request answered and sends the answer; returns early when the other side aborts it.
    package func serve(_ call: IncomingCall, _ handler: any CallHandler) async {
        // What it asks for and does not take is not made for it.
        let turns = handler.turns(for: call)
        if let turns {
            guard await turns.acquire() else { return table.withLock { $0.closeIncoming(call.id) } }
        }
        defer { turns?.release() }
        let outcome = await withTaskGroup(of: Result<Answer, any Error>?.self) { tasks in
            tasks.addTask {
                do { return .success(try await handler.answer(call)) } catch { return .failure(error) }
            }
            tasks.addTask {
                await call.aborted.value()
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
        table.withLock { $0.closeIncoming(call.id) }
        if !isExtended { served.signal() }
        guard let outcome, call.aborted.current == nil else { return }
        if case .failure(let failure as CallFailure) = outcome, failure.code == ServiceCode.unknownService,
            !table.withLock({ $0.noteUnserved() })
        {
            return connection.finish(.violated("it asks again and again for services that are not there"))
        }
        // If this fails the connection is over, and there is nobody to tell.
        try? await connection.send(Self.reply(to: call, outcome).message, call.priority)
    }

    private static func reply(to call: IncomingCall, _ outcome: Result<Answer, any Error>) -> CallMessage {
        switch outcome {
        case .success(.data(let value)): return .data(id: call.id, value)
        case .success(.streamed): return .streamEnd(id: call.id)
        case .failure(let error):
            // What went wrong inside is nobody else's business unless a service says so.
            let failure = error as? CallFailure ?? CallFailure(message: "it failed", code: "")
            return call.stream.hasStarted
                ? .streamError(id: call.id, failure.message) : .error(id: call.id, failure)
        }
    }

    /// The connection is over: fails all that is open and all that waits.
    package func end(_ error: PeerError) {
        end.fulfil(error)
        table.withLock { $0.end(error) }
        readerPermits.close()
        backgroundPermits.close()
    }
}
