import NIOCore
import Synchronization

/// Keeps the channels of strangers within the limits of `PendingTable` and within their time.
final class PendingConnections: Sendable {
    /// Until the WebSocket is there; the handshake of the peers has its own limit.
    static let upgradeTimeMax = TimeAmount.seconds(10)

    private let state = Mutex<(table: PendingTable, channels: [Int: any Channel])>((PendingTable(), [:]))

    /// Takes in a new channel, at the cost of an older one if there are too many.
    func admit(_ channel: any Channel) -> Int {
        let address = channel.remoteAddress?.ipAddress ?? ""
        let (number, evicted) = state.withLock { state in
            let (number, evicted) = state.table.admit(address: address)
            state.channels[number] = channel
            return (number, evicted.flatMap { state.channels.removeValue(forKey: $0) })
        }
        // A stranger gets no second to say goodbye.
        evicted?.triggerUserOutboundEvent(AbortRequest(), promise: nil)
        evicted?.close(mode: .all, promise: nil)
        channel.closeFuture.whenComplete { [weak self] _ in self?.remove(number) }
        return number
    }

    func remove(_ number: Int) {
        state.withLock { state in
            state.table.remove(number)
            state.channels[number] = nil
        }
    }

    /// The listener is going: so do they.
    func close() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(mode: .all, promise: nil) }
    }

    var count: Int { state.withLock { $0.table.count } }
}
