import CFuse
import Objects
import Synchronization
import SystemPackage
import Views

/// Bytes a request waits for.
struct FetchRequest: Sendable {
    var file: OpenFile
    var hash: ObjectHash
    var range: Range<Int>
}

/// Requests that wait for bytes of other instances.
///
/// A wait holds no thread; each is answered by whoever takes it out of here first: the fetch that ended, the interrupt
/// (FUSE_INTERRUPT), or the end of the mount.
final class FetchQueue: Sendable {
    /// More would only pile up in memory.
    static let waitingCountMax = 4_096

    /// A wait that is to be served by a task.
    struct Wait: Sendable {
        let key: UInt64
        let fetch: FetchRequest
        /// Ends when the caller no longer wants it.
        let wanted: AsyncStream<Void>
    }

    /// Sendable because libfuse lets a request be answered from any thread, and it is answered once: by whoever takes it
    /// out of `State`, which is behind a Mutex.
    private struct Parked: @unchecked Sendable {
        let request: fuse_req_t
        let unwanted: AsyncStream<Void>.Continuation
        /// libfuse is being told where to report interrupts and still uses the request: it may not be answered yet.
        var isArming = true
        var isInterrupted = false
    }

    private struct State {
        var parked: [UInt64: Parked] = [:]
        var lastKey: UInt64 = 0
        /// Fetches that did not end, wanted or not.
        var unfinishedCount = 0
        var isClosed = false

        /// The key of a request that waits from now on.
        mutating func add(_ request: Parked) throws(Errno) -> UInt64 {
            guard !isClosed else { throw .socketNotConnected }
            guard unfinishedCount < waitingCountMax else { throw .resourceTemporarilyUnavailable }
            lastKey &+= 1
            unfinishedCount += 1
            parked[lastKey] = request
            return lastKey
        }
    }

    private let state = Mutex(State())
    /// What is to be served, for one consumer.
    let waits: AsyncStream<Wait>
    private let added: AsyncStream<Wait>.Continuation

    private let counters: FuseCounters

    init(counters: FuseCounters) {
        self.counters = counters
        (waits, added) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingCountMax))
    }

    /// How many requests wait.
    var count: Int { state.withLock { $0.parked.count } }

    /// Lets a request wait for bytes.
    func park(_ request: consuming FuseRequest, for fetch: FetchRequest) {
        let raw = request.release()
        let (wanted, unwanted) = AsyncStream<Void>.makeStream()
        let parked = Parked(request: raw, unwanted: unwanted)
        let key: UInt64
        do throws(Errno) {
            key = try state.withLock { state throws(Errno) in try state.add(parked) }
        } catch {
            counters.add(.read, error)
            FuseRequest(raw).send(.failed(error))
            return
        }
        counters.beginWait()
        // The data is the key and not a pointer: an interrupt may be reported after the request was answered.
        fuse_req_interrupt_func(
            raw,
            { FuseHandler.of($0)?.fetches.interrupt(UInt64(UInt(bitPattern: $1))) },
            UnsafeMutableRawPointer(bitPattern: UInt(key))
        )
        let isWanted = state.withLock { state in
            state.parked[key]?.isArming = false
            return state.parked[key]?.isInterrupted == false && !state.isClosed
        }
        if isWanted {
            added.yield(Wait(key: key, fetch: fetch, wanted: wanted))
        } else {
            answer(key, .failed(.interrupted))
            finished()
        }
    }

    /// A fetch ended.
    func finished() { state.withLock { $0.unfinishedCount -= 1 } }

    /// Answers a wait, if nobody did yet.
    func answer(_ key: UInt64, _ reply: FuseReply) {
        guard let parked = state.withLock({ $0.parked.removeValue(forKey: key) }) else { return }
        parked.unwanted.finish()
        counters.endWait()
        // Only reading waits.
        if case .failed(let errno) = reply { counters.add(.read, errno) } else { counters.add(.read) }
        FuseRequest(parked.request).send(reply)
    }

    /// Answers everybody who still waits, and from now on nobody can.
    func close() {
        let keys = state.withLock { state in
            state.isClosed = true
            return state.parked.filter { !$0.value.isArming }.map(\.key)
        }
        added.finish()
        for key in keys { answer(key, .failed(.socketNotConnected)) }
    }

    /// The caller no longer wants it: answers at once, whatever the fetch does.
    private func interrupt(_ key: UInt64) {
        let isReady = state.withLock { state in
            state.parked[key]?.isInterrupted = true
            return state.parked[key]?.isArming == false
        }
        if isReady { answer(key, .failed(.interrupted)) }
    }
}
