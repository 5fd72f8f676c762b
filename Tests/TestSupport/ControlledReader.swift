package import Objects
import Synchronization
package import SystemPackage

/// Objects that are where a test says: in files of a directory, or elsewhere, given or refused at its word.
package final class ControlledReader: ObjectReader {
    /// What happens to a read of an object that is not local.
    package enum Answer: Sendable {
        case bytes
        case fewerBytes
        case fails(ObjectError)
        /// Until `release`, or until the reader is cancelled.
        case blocks
        /// For good, cancelled or not, until `release`.
        case blocksDeaf
    }

    private struct State {
        var bytes: [ObjectHash: [UInt8]] = [:]
        var answers: [ObjectHash: Answer] = [:]
        var readCount = 0
        var cancelledCount = 0
        var releaseCount = 0
        var nextKey = 0
        var blocked: [Int: CheckedContinuation<Bool, Never>] = [:]
        var listeners: [AsyncStream<Void>.Continuation] = []
    }

    private let directory: FilePath
    private let state = Mutex(State())

    package init(directory: FilePath) { self.directory = directory }

    /// An object that is in a file here.
    package func addLocal(_ bytes: [UInt8]) throws -> KnownObject {
        let object = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
        state.withLock { $0.bytes[object.hash] = bytes }
        try makeLocal(object.hash)
        return object
    }

    /// An object that is elsewhere.
    package func addAbsent(_ bytes: [UInt8], _ answer: Answer) -> KnownObject {
        let object = KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
        state.withLock { state in
            state.bytes[object.hash] = bytes
            state.answers[object.hash] = answer
        }
        return object
    }

    package func setAnswer(_ answer: Answer, to hash: ObjectHash) { state.withLock { $0.answers[hash] = answer } }

    package func makeLocal(_ hash: ObjectHash) throws {
        guard let bytes = state.withLock({ $0.bytes[hash] }) else { return }
        let file = try FileDescriptor.open(
            path(hash),
            .writeOnly,
            options: [.create, .truncate],
            permissions: [.ownerReadWrite]
        )
        defer { try? file.close() }
        try file.writeAll(bytes)
    }

    /// The file of a local object.
    package func path(_ hash: ObjectHash) -> FilePath { directory.appending(hash.hex) }

    /// Reads of absent objects so far.
    package var readCount: Int { state.withLock { $0.readCount } }
    package var cancelledCount: Int { state.withLock { $0.cancelledCount } }

    /// Waits until this many reads are blocked.
    package func waitUntilBlocked(_ count: Int) async { await wait { $0.blocked.count >= count } }
    package func waitUntilCancelled(_ count: Int) async { await wait { $0.cancelledCount >= count } }

    /// Lets every read that is blocked, or just about to be, go on and give its bytes.
    package func release() {
        let blocked = state.withLock { state in
            state.releaseCount += 1
            defer { state.blocked = [:] }
            return state.blocked.values
        }
        for continuation in blocked { continuation.resume(returning: true) }
    }

    package func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        guard let bytes = state.withLock({ $0.bytes[hash] }) else { throw .unknown }
        return bytes.count
    }

    package func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        let (bytes, answer, releaseCount) = state.withLock { state in
            state.readCount += 1
            return (state.bytes[hash], state.answers[hash] ?? .bytes, state.releaseCount)
        }
        guard let bytes else { throw .unknown }
        let part = Array(bytes[range.clamped(to: bytes.indices)])
        switch answer {
        case .bytes: return part
        case .fewerBytes: return Array(part.dropLast())
        case .fails(let error): throw error
        case .blocks:
            guard await block(isDeaf: false, since: releaseCount) else { throw .cancelled }
            return part
        case .blocksDeaf:
            _ = await block(isDeaf: true, since: releaseCount)
            return part
        }
    }

    package func openLocal(_ hash: ObjectHash) throws(ObjectError) -> FileDescriptor? {
        do {
            return try FileDescriptor.open(path(hash), .readOnly, options: [.closeOnExec])
        } catch {
            guard let errno = error as? Errno, errno != .noSuchFileOrDirectory else { return nil }
            throw .system(errno, "open")
        }
    }

    /// Whether it was let go on, and not cancelled.
    private func block(isDeaf: Bool, since releaseCount: Int) async -> Bool {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = Task.isCancelled && !isDeaf
                let isReleased = state.withLock { state in
                    if isCancelled { state.cancelledCount += 1 }
                    let isReleased = state.releaseCount != releaseCount
                    if !isCancelled, !isReleased { state.blocked[key] = continuation }
                    return isReleased
                }
                if isCancelled || isReleased { continuation.resume(returning: !isCancelled) }
                tell()
            }
        } onCancel: {
            guard !isDeaf else { return }
            let continuation = state.withLock { state in
                let continuation = state.blocked.removeValue(forKey: key)
                if continuation != nil { state.cancelledCount += 1 }
                return continuation
            }
            continuation?.resume(returning: false)
            tell()
        }
    }

    private func wait(until isReached: @Sendable (borrowing State) -> Bool) async {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        state.withLock { $0.listeners.append(continuation) }
        continuation.yield()
        for await _ in stream where state.withLock({ isReached($0) }) { return }
    }

    private func tell() {
        for listener in state.withLock({ $0.listeners }) { listener.yield() }
    }
}
