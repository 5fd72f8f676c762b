import FoundationEssentials

/// Which calls are open in both directions of a connection; no I/O.
struct CallTable {
    /// An own request that waits for its answer.
    enum Outgoing {
        case reply(OneShot<Result<JSONValue, CallError>>)
        case stream(StreamBuffer)
    }

    /// Requests of the other side that are being answered.
    ///
    /// Own callers wait at `Calls.openCountMax`, far below it.
    static let incomingCountMax = 256
    /// What may come in a row that nobody asked for: answers to calls that were given up may be under way.
    static let ignoredCountMax = 10_000
    static let ignoredByteCountMax = 64 << 20
    /// Requests for services that are not there: whoever may know more of them finds out with one.
    static let unservedCountMax = 100

    private var nextID = 0
    private(set) var outgoing: [Int: Outgoing] = [:]
    private(set) var incoming: [Int: IncomingCall] = [:]
    /// Messages that could not be understood or belonged to no open call.
    private(set) var ignoredCount = 0
    private var ignoredInARow = (count: 0, byteCount: 0)
    private var unservedCount = 0
    /// When it was last seen that nothing had come since; nil: something has.
    var lastAnswer: Duration?

    mutating func open(_ call: Outgoing) -> Int {
        defer { nextID += 1 }
        outgoing[nextID] = call
        return nextID
    }

    /// Whether it was still open.
    mutating func closeOutgoing(_ id: Int) -> Bool { outgoing.removeValue(forKey: id) != nil }

    mutating func accept(_ call: IncomingCall) throws(PeerError) {
        guard incoming[call.id] == nil else { throw .violated("a request with the number of an open one") }
        guard !isFull else { throw .violated("too many requests at once") }
        incoming[call.id] = call
    }

    /// Whether no further request of the other side can be taken now.
    var isFull: Bool { incoming.count >= Self.incomingCountMax }

    mutating func closeIncoming(_ id: Int) { incoming[id] = nil }

    /// What an answer does to the call it belongs to.
    enum Effect {
        case none
        /// It belongs to no call.
        case ignored
        /// The call is over.
        case closed
        /// The call is over, and the other side is to be told to stop.
        case aborted
    }

    mutating func receive(_ message: CallMessage) -> Effect {
        let effect = effect(of: message)
        if case .ignored = effect { return effect }
        (lastAnswer, ignoredInARow) = (nil, (0, 0))
        if case .closed = effect { outgoing[message.id] = nil }
        return effect
    }

    private mutating func effect(of message: CallMessage) -> Effect {
        switch message {
        case .data(let id, let value): return finish(id, value: value)
        case .error(let id, let failure): return finish(id, .failed(failure))
        case .streamError(let id, let text): return finish(id, .failed(CallFailure(message: text, code: "")))
        case .streamEnd(let id):
            guard case .stream(let buffer) = outgoing[id] else { return .ignored }
            buffer.finish(.success(()))
            return .closed
        case .binary(let id, let bytes): return push(id, .bytes(bytes))
        case .text(let id, let chunk, let encoding): return push(id, text: chunk, encoding)
        case .request, .abort, .window: return .none
        }
    }

    /// A stream of which more has come than its reader should be behind.
    var overfullStream: StreamBuffer? {
        for case .stream(let buffer) in outgoing.values where buffer.isOverfull { return buffer }
        return nil
    }

    /// Counts a message that means nothing here; throws when it is one too many.
    mutating func ignore(byteCount: Int) throws(PeerError) {
        ignoredCount += 1
        ignoredInARow = (ignoredInARow.count + 1, ignoredInARow.byteCount + byteCount)
        guard ignoredInARow.count <= Self.ignoredCountMax, ignoredInARow.byteCount <= Self.ignoredByteCountMax else {
            throw .violated("it sends again and again what nobody asked for")
        }
    }

    /// Counts a request for a service that is not there; false when it is one too many.
    mutating func noteUnserved() -> Bool {
        unservedCount += 1
        return unservedCount <= Self.unservedCountMax
    }

    /// The first chunk of a stream names its encoding for all.
    private mutating func push(_ id: Int, text: String, _ encoding: String?) -> Effect {
        guard case .stream(let buffer) = outgoing[id] else { return .ignored }
        guard buffer.isBase64(encoding) else { return push(id, .text(text)) }
        guard let data = Data(base64Encoded: text) else {
            buffer.finish(.failure(.violated("a piece that is not Base64")))
            outgoing[id] = nil
            return .aborted
        }
        return push(id, .bytes([UInt8](data)))
    }

    private mutating func push(_ id: Int, _ chunk: StreamChunk) -> Effect {
        guard case .stream(let buffer) = outgoing[id] else { return .ignored }
        guard !buffer.push(chunk) else { return .none }
        buffer.finish(.failure(.violated("more was sent than the window takes")))
        outgoing[id] = nil
        return .aborted
    }

    private mutating func finish(_ id: Int, value: JSONValue) -> Effect {
        switch outgoing[id] {
        case .reply(let reply): reply.fulfil(.success(value))
        case .stream(let buffer): buffer.finish(.failure(.violated("a value where a stream was expected")))
        case nil: return .ignored
        }
        return .closed
    }

    private mutating func finish(_ id: Int, _ error: CallError) -> Effect {
        switch outgoing[id] {
        case .reply(let reply): reply.fulfil(.failure(error))
        case .stream(let buffer): buffer.finish(.failure(error))
        case nil: return .ignored
        }
        return .closed
    }

    /// The connection is over: every own call fails, every call of the other side is dropped.
    mutating func end(_ error: PeerError) {
        for call in outgoing.values {
            switch call {
            case .reply(let reply): reply.fulfil(.failure(.ended(error)))
            case .stream(let buffer): buffer.finish(.failure(.ended(error)))
            }
        }
        for call in incoming.values { call.abort() }
        (outgoing, incoming) = ([:], [:])
    }
}

extension CallMessage {
    var id: Int {
        switch self {
        case .request(let id, _, _, _, _), .data(let id, _), .error(let id, _), .text(let id, _, _), .binary(let id, _),
            .streamEnd(let id), .streamError(let id, _), .abort(let id), .window(let id, _):
            id
        }
    }
}
