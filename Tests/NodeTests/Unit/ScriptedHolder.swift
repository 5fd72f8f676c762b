import Objects
import Peers
import Synchronization

@testable import Node

/// A holder that keeps count of its requests, and answers when a test lets it.
final class ScriptedHolder: Sendable {
    private struct State {
        var bytes: [ObjectHash: [UInt8]] = [:]
        var requests: [(hashes: [ObjectHash], priority: CallPriority)] = []
        var answeredCount = 0
        var cancelledCount = 0
        var isOpen = false
        var waiting: [AsyncStream<Void>.Continuation] = []
    }

    private let state = Mutex(State())
    let name: String

    init(_ name: String) { self.name = name }

    var requests: [(hashes: [ObjectHash], priority: CallPriority)] { state.withLock { $0.requests } }
    var answeredCount: Int { state.withLock { $0.answeredCount } }
    var cancelledCount: Int { state.withLock { $0.cancelledCount } }

    @discardableResult
    func add(_ bytes: [UInt8], as hash: ObjectHash? = nil) -> KnownObject {
        let known = KnownObject(hash: hash ?? ObjectHash(of: bytes), bytes: bytes)
        state.withLock { $0.bytes[known.hash] = bytes }
        return known
    }

    func bytes(of hash: ObjectHash) -> [UInt8]? { state.withLock { $0.bytes[hash] } }

    /// Lets all requests be answered, now and from now on.
    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
    }

    /// A stream of its own for each that waits: one whose reader is cancelled ends for all its readers.
    private func pass() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let isOpen = state.withLock { state in
            if !state.isOpen { state.waiting.append(continuation) }
            return state.isOpen
        }
        if !isOpen { for await _ in stream {} }
    }

    var holder: Holder {
        Holder(
            name: name,
            key: .name(name),
            ask: { hashes, priority throws(ObjectError) in self.answers(to: hashes, priority) },
            open: { _, _ throws(ObjectError) in throw .unreachable },
            openRange: { _, _, _ throws(ObjectError) in throw .unreachable },
            openChunks: { _, _ throws(ObjectError) in throw .unreachable }
        )
    }

    private func answers(to hashes: [ObjectHash], _ priority: CallPriority) -> Answers {
        state.withLock { $0.requests.append((hashes, priority)) }
        return Answers(holder: self, hashes: hashes[...])
    }

    private final class Answers: AnswerReader {
        private let holder: ScriptedHolder
        private var hashes: ArraySlice<ObjectHash>

        init(holder: ScriptedHolder, hashes: ArraySlice<ObjectHash>) { (self.holder, self.hashes) = (holder, hashes) }

        func next() async throws(ObjectError) -> HolderAnswer? {
            await holder.pass()
            if Task.isCancelled {
                holder.state.withLock { $0.cancelledCount += 1 }
                throw .cancelled
            }
            guard let hash = hashes.popFirst() else { return nil }
            let bytes = holder.state.withLock { state in
                state.answeredCount += 1
                return state.bytes[hash]
            }
            guard let bytes else { return .failed(hash, .unreachable) }
            return ObjectHash(of: bytes) == hash ? .object(hash, bytes) : .failed(hash, .damaged(by: holder.name))
        }
    }
}
