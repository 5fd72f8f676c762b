import Synchronization

/// The sending side of a streamed answer.
///
/// Sends no more than the reader's window takes, and nothing after an abort.
package final class StreamWriter: Sendable {
    /// Larger chunks would be fragmented (one-protocol 8).
    package static let chunkByteCountMax = 65_528

    private struct State {
        /// nil: the reader named no window.
        var creditByteCount: Int?
        var hasStarted = false
        var isAborted = false
    }

    private let id: Int
    /// The lane of everything that belongs to the answer: it has to stay in order.
    let priority: CallPriority
    private let connection: Connection
    private let state: Mutex<State>
    private let credited = Pulse()

    init(id: Int, windowByteCount: Int?, priority: CallPriority, connection: Connection) {
        (self.id, self.priority, self.connection) = (id, priority, connection)
        state = Mutex(State(creditByteCount: windowByteCount))
    }

    var hasStarted: Bool { state.withLock { $0.hasStarted } }

    /// Sends bytes, cut into chunks; waits until the reader and the connection take them.
    package func write(_ bytes: [UInt8]) async throws(CallError) {
        for start in stride(from: 0, to: bytes.count, by: Self.chunkByteCountMax) {
            let chunk = bytes[start..<min(start + Self.chunkByteCountMax, bytes.count)]
            _ = try await takeCredit(chunk.count)
            try await send(.binary(CallMessage.binaryHeader(id) + chunk))
        }
    }

    /// Sends a piece of text as one chunk.
    package func write(_ text: String) async throws(CallError) {
        let isFirst = try await takeCredit(text.utf8.count)
        try await send(CallMessage.text(id: id, chunk: text, encoding: isFirst ? "utf8" : nil).message)
    }

    private func send(_ message: WireMessage) async throws(CallError) {
        do throws(PeerError) { try await connection.send(message, priority) } catch { throw .ended(error) }
    }

    /// Waits until this much may be sent; returns whether it is the first chunk.
    private func takeCredit(_ byteCount: Int) async throws(CallError) -> Bool {
        while true {
            let isFirst: Bool? = try state.withLock { state throws(CallError) in
                guard !state.isAborted else { throw .cancelled }
                if let credit = state.creditByteCount {
                    guard credit >= byteCount else { return nil }
                    state.creditByteCount = credit - byteCount
                }
                defer { state.hasStarted = true }
                return !state.hasStarted
            }
            if let isFirst { return isFirst }
            guard await credited.wait() else { throw .cancelled }
        }
    }

    func grant(_ byteCount: Int) {
        state.withLock { state in
            guard let credit = state.creditByteCount else { return }
            state.creditByteCount = min(credit.addingReportingOverflow(byteCount).partialValue, 1 << 30)
        }
        credited.signal()
    }

    func abort() {
        state.withLock { $0.isAborted = true }
        credited.signal()
    }
}
