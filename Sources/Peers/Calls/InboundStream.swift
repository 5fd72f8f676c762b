import Synchronization

/// A piece of a streamed answer.
package enum StreamChunk: Hashable, Sendable {
    case text(String)
    case bytes([UInt8])

    package var byteCount: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }
}

/// What has arrived of a streamed answer and has not been read yet: never more than the window.
final class StreamBuffer: Sendable {
    /// How far a sender may be ahead of the reader.
    static let windowByteCount = 4 << 20

    private struct State {
        var chunks: [StreamChunk] = []
        var firstIndex = 0
        var bufferedByteCount = 0
        /// Read since the sender was last told.
        var readByteCount = 0
        var end: Result<Void, CallError>?
        var isBase64 = false
    }

    private let state = Mutex(State())
    private let filled = Pulse()
    private let drained = Pulse()
    /// Whether the sender was told how far it may be ahead.
    private let hasWindow: Bool

    init(hasWindow: Bool = true) { self.hasWindow = hasWindow }

    var isOverfull: Bool { state.withLock { $0.end == nil && $0.bufferedByteCount > Self.windowByteCount } }

    /// Waits until there is room for more; false if the task is cancelled.
    ///
    /// For the one who reads the connection: a sender that knows no window is held back by not reading on.
    func hasRoom() async -> Bool {
        while isOverfull {
            guard await drained.wait() else { return false }
        }
        return true
    }

    /// Whether text comes as Base64, once a chunk has named this encoding.
    func isBase64(_ encoding: String?) -> Bool {
        state.withLock { state in
            if let encoding { state.isBase64 = encoding == "base64" }
            return state.isBase64
        }
    }

    /// Whoever read it does not any more.
    func forget() {
        finish(.failure(.cancelled))
        drained.signal()
    }

    /// false if the sender did not keep to the window.
    func push(_ chunk: StreamChunk) -> Bool {
        let fits = state.withLock { state in
            guard state.end == nil else { return true }
            state.bufferedByteCount += chunk.byteCount
            state.chunks.append(chunk)
            return !hasWindow || state.bufferedByteCount <= Self.windowByteCount
        }
        filled.signal()
        return fits
    }

    /// The first end counts.
    ///
    /// What arrived before it can still be read unless it is an error.
    func finish(_ end: Result<Void, CallError>) {
        state.withLock { state in
            guard state.end == nil else { return }
            state.end = end
            if case .failure = end { (state.chunks, state.firstIndex) = ([], 0) }
        }
        filled.signal()
    }

    /// The next chunk, and how many bytes the sender is to be told it may send on; nil at the end.
    func next() async throws(CallError) -> (chunk: StreamChunk, grantedByteCount: Int)? {
        while true {
            let (taken, end) = state.withLock { state in (Self.take(&state), state.end) }
            if let taken {
                if !hasWindow { drained.signal() }
                return taken
            }
            if let end {
                try end.get()
                return nil
            }
            guard await filled.wait() else { throw .cancelled }
        }
    }

    private static func take(_ state: inout State) -> (StreamChunk, Int)? {
        guard state.firstIndex < state.chunks.count else { return nil }
        let chunk = state.chunks[state.firstIndex]
        state.firstIndex += 1
        if state.firstIndex == state.chunks.count {
            state.chunks.removeAll(keepingCapacity: true)
            state.firstIndex = 0
        } else if state.firstIndex > 256 {
            state.chunks.removeFirst(state.firstIndex)
            state.firstIndex = 0
        }
        state.bufferedByteCount -= chunk.byteCount
        state.readByteCount += chunk.byteCount
        guard state.readByteCount >= windowByteCount / 2 else { return (chunk, 0) }
        defer { state.readByteCount = 0 }
        return (chunk, state.readByteCount)
    }
}

/// A streamed answer as its reader has it.
///
/// Dropping it tells the other side to stop.
package final class InboundStream: Sendable {
    private let buffer: StreamBuffer
    private let grant: @Sendable (Int) -> Void
    private let abandon: @Sendable () -> Void

    init(
        buffer: StreamBuffer,
        grant: @escaping @Sendable (Int) -> Void,
        abandon: @escaping @Sendable () -> Void
    ) {
        (self.buffer, self.grant, self.abandon) = (buffer, grant, abandon)
    }

    deinit { abandon() }

    /// The next chunk, nil at the end.
    ///
    /// For one task at a time; when that is cancelled the other side is told to stop.
    package func next() async throws(CallError) -> StreamChunk? {
        do throws(CallError) {
            guard let (chunk, grantedByteCount) = try await buffer.next() else { return nil }
            if grantedByteCount > 0 { grant(grantedByteCount) }
            return chunk
        } catch {
            abandon()
            throw error
        }
    }
}
