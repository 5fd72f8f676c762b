import NIOCore
import Synchronization

/// The connections of browsers, so that none keeps the node from ending.
final class OpenConnections: Sendable {
    /// How long what is left of a refused body may still come, so that the browser reads the refusal first.
    private static let lingerTime = TimeAmount.seconds(1)

    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    /// Takes note of a connection that asks for something.
    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let isNew = channels.withLock { $0.updateValue(channel, forKey: id) == nil }
        guard isNew else { return }
        channel.closeFuture.whenComplete { [weak self] _ in
            _ = self?.channels.withLock { $0.removeValue(forKey: id) }
        }
    }

    /// Closes one that was refused.
    func linger(_ channel: any Channel) {
        channel.eventLoop.scheduleTask(in: Self.lingerTime) { channel.close(promise: nil) }
    }

    /// Closes all, whatever they were told so far.
    func closeAll() {
        for channel in channels.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}
