import Objects
import Synchronization

/// Counts of what was sent to other instances, counted where the bytes leave.
package final class Traffic: Sendable {
    private let state = Mutex(Sent())

    package struct Sent: Codable, Sendable, Hashable {
        package var objects = 0
        package var bytes = 0
    }

    /// A whole object is asked for.
    func sentObject() { state.withLock { $0.objects += 1 } }

    /// Bytes of it leave.
    func sent(byteCount: Int) { state.withLock { $0.bytes += byteCount } }

    package var sent: Sent { state.withLock { $0 } }
}
