import NIOCore
import Synchronization

/// WebSockets on their way from the event loops to the listener's task. None is made that would not be run: NIO's async
/// channels must not be dropped.
final class AcceptedConnections: Sendable {
    struct Connection: Sendable {
        /// In `PendingConnections`.
        let number: Int
        let channel: UpgradedChannel
    }

    private let state = Mutex<(connections: [Connection], isClosed: Bool)>(([], false))
    private let filled = Pulse()

    /// On an event loop: adds the channel `make` makes; throws without making one if nobody would run it.
    func add(number: Int, _ make: () throws -> UpgradedChannel) throws {
        try state.withLock { state in
            guard !state.isClosed else { throw PeerError.closed("shutting down") }
            state.connections.append(Connection(number: number, channel: try make()))
        }
        filled.signal()
    }

    /// For the listener's task: the next one; nil when it is cancelled.
    func next() async -> Connection? {
        while true {
            if Task.isCancelled { return nil }
            let connection = state.withLock { $0.connections.isEmpty ? nil : $0.connections.removeFirst() }
            if let connection { return connection }
            guard await filled.wait() else { return nil }
        }
    }

    /// Takes no more; gives back what is left.
    func close() -> [Connection] {
        state.withLock { state in
            state.isClosed = true
            defer { state.connections = [] }
            return state.connections
        }
    }
}
