import Synchronization

/// Tells any number of listeners of what happens; a listener that stops listening is forgotten.
final class Broadcast<Element: Sendable>: Sendable {
    private let state = Mutex((listeners: [Int: AsyncStream<Element>.Continuation](), next: 0))
    private let bufferCount: Int

    /// A listener that is slow keeps the newest elements, so many of them.
    init(bufferCount: Int) { self.bufferCount = bufferCount }

    /// What happens from now on.
    ///
    /// For one task: when that is cancelled, the stream has ended for good.
    func listen() -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream<Element>.makeStream(bufferingPolicy: .bufferingNewest(bufferCount))
        let number = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    func tell(_ element: Element) {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield(element) }
    }

    /// How many listen.
    var listenerCount: Int { state.withLock { $0.listeners.count } }
}

extension Broadcast<Void> {
    func tell() { tell(()) }
}
