import Objects
import Synchronization

@testable import Peers

/// Two ends of a pipe of messages in memory, with room for 16 each way.
///
/// A tampering function may change, drop or repeat what goes one way.
final class MemoryTransport: Transport {
    typealias Tampering = @Sendable (_ number: Int, _ message: WireMessage) -> [WireMessage]

    let remoteAddress = "memory"
    private let incoming: Pipe
    private let outgoing: Pipe
    private let sent = Mutex<(messageCount: Int, byteCount: Int)>((0, 0))
    private let received = Mutex((byteCount: 0, messageCount: 0, askedCount: 0))
    private let tampering: Tampering?

    init(incoming: Pipe, outgoing: Pipe, tampering: Tampering?) {
        (self.incoming, self.outgoing, self.tampering) = (incoming, outgoing, tampering)
    }

    /// The tampering is with what the first one sends.
    static func pair(tampering: Tampering? = nil) -> (MemoryTransport, MemoryTransport) {
        let (there, back) = (Pipe(), Pipe())
        return (
            MemoryTransport(incoming: back, outgoing: there, tampering: tampering),
            MemoryTransport(incoming: there, outgoing: back, tampering: nil)
        )
    }

    var byteCounts: ByteCounts {
        ByteCounts(received: received.withLock { $0.byteCount }, sent: sent.withLock { $0.byteCount })
    }

    /// How many messages its reader has done with: it asked for the one after.
    var readCount: Int { received.withLock { min($0.messageCount, $0.askedCount - 1) } }

    func messages() -> any AsyncIteratorProtocol<WireMessage, any Error> {
        Messages(pipe: incoming, onAsked: { [self] in received.withLock { $0.askedCount += 1 } }) { [self] message in
            received.withLock { $0 = ($0.byteCount + message.byteCount, $0.messageCount + 1, $0.askedCount) }
        }
    }

    func send(_ message: WireMessage) async throws {
        let number = sent.withLock { sent in
            sent.byteCount += message.byteCount
            defer { sent.messageCount += 1 }
            return sent.messageCount
        }
        for message in tampering?(number, message) ?? [message] { try await outgoing.push(message) }
    }

    func close(_ reason: String) {
        incoming.finish(nil)
        outgoing.finish(.closed(CloseReason.received(reason.cut(byteCountMax: 123))))
    }

    struct Messages: AsyncIteratorProtocol {
        let pipe: Pipe
        let onAsked: @Sendable () -> Void
        let onMessage: @Sendable (WireMessage) -> Void

        mutating func next() async throws -> WireMessage? {
            onAsked()
            guard let message = try await pipe.next() else { return nil }
            onMessage(message)
            return message
        }

        mutating func next(isolation: isolated (any Actor)?) async throws(any Error) -> WireMessage? {
            try await next()
        }
    }

    final class Pipe: Sendable {
        private let state = Mutex<(messages: [WireMessage], end: PeerError??)>(([], nil))
        private let room = Permits(16)
        private let filled = Pulse()

        func push(_ message: WireMessage) async throws {
            guard await room.acquire() else { throw PeerError.closed("connection lost") }
            state.withLock { if $0.end == nil { $0.messages.append(message) } }
            filled.signal()
        }

        func next() async throws -> WireMessage? {
            while true {
                let (message, end) = state.withLock { state in
                    (state.messages.isEmpty ? nil : state.messages.removeFirst(), state.end)
                }
                if let message {
                    room.release()
                    return message
                }
                if let end {
                    if let end { throw end }
                    return nil
                }
                guard await filled.wait() else { return nil }
            }
        }

        /// nil: this end closed, and what is on the way is not wanted any more.
        func finish(_ error: PeerError?) {
            state.withLock { state in
                if state.end == nil { state.end = .some(error) }
                if error == nil { state.messages = [] }
            }
            room.close()
            filled.signal()
        }
    }
}
