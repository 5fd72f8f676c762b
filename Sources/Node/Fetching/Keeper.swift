import NIOPosix
import Objects
import Storage
import Synchronization

/// Verified bytes in memory on their way to the disk, behind shared barriers.
///
/// Whoever wants to read them does not wait for it; whoever wants them kept waits for the end of their flight. Memory is
/// bounded: what arrives when it is full waits, and with it whoever sends.
final class Keeper: Sendable {
    /// Bytes and objects that may wait for the disk.
    static let byteCountMax = 64 << 20
    static let countMax = 16_384
    /// Bytes and objects behind one barrier.
    static let batchByteCountMax = 16 << 20
    static let batchCountMax = 2048
    /// How long what nobody waits for may wait for others to share its barrier: a barrier, a transaction and a line in the
    /// feed cost more than a fetch.
    static let patience = Duration.milliseconds(50)

    /// An object that has arrived.
    struct Arrival: Sendable {
        var flight: Flight
        var object: KnownObject
        var bytes: [UInt8]
        var holder: String
    }

    private let store: ObjectStore
    private let directory: any HolderDirectory
    /// nil: everything is kept that the disk takes.
    private let charge: Charge?
    private let room = Room(byteCount: byteCountMax, count: countMax)
    private let time: any Timekeeper
    private let state = Mutex(State())
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    private struct State {
        var waiting: [Arrival] = []
        var byteCount = 0
        /// Somebody waits for one of them to be durable.
        var isUrgent = false
        var pause: AsyncStream<Void>.Continuation?

        var isDue: Bool { isUrgent || waiting.count >= batchCountMax || byteCount >= batchByteCountMax }
    }

    init(store: ObjectStore, directory: any HolderDirectory, time: any Timekeeper, charge: Charge?) {
        (self.store, self.directory, self.time, self.charge) = (store, directory, time, charge)
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes an object when there is room for it; false if there will be none.
    func take(_ arrival: Arrival) async -> Bool {
        guard await room.take(arrival.bytes.count) else { return false }
        let isAwaited = arrival.flight.isKeepingAwaited
        change { state in
            state.waiting.append(arrival)
            state.byteCount += arrival.bytes.count
            state.isUrgent = state.isUrgent || isAwaited
        }
        arrived.yield()
        return true
    }

    /// Somebody waits for something to be durable.
    func hurry() { change { $0.isUrgent = true } }

    /// Changes the state and ends the pause if that makes a batch due.
    private func change(_ body: (inout State) -> Void) {
        let pause = state.withLock { state in
            body(&state)
            return state.isDue ? state.pause.take() : nil
        }
        pause?.finish()
    }

    /// Waits for others to come, unless something is due.
    private func pause() async {
        // A stream of its own for each pause: one whose reader was cancelled has ended for good.
        let (alarm, continuation) = AsyncStream<Void>.makeStream()
        let isDue = state.withLock { state in
            if !state.isDue { state.pause = continuation }
            return state.isDue
        }
        guard !isDue else { return }
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try? await self.time.sleep(for: Self.patience) }
            tasks.addTask { for await _ in alarm {} }
            await tasks.next()
            tasks.cancelAll()
        }
    }

    /// Stores what comes until the task is cancelled, and then what has come by then.
    func run(settled: @escaping @Sendable (Flight, Flight.Outcome) -> Void) async {
        for await _ in arrivals {
            await pause()
            while let batch = nextBatch() {
                let work: @Sendable () -> Void = { self.keep(batch, settled: settled) }
                // Barriers block: not on a thread that others need to go on.
                do { try await NIOThreadPool.singleton.runIfActive(work) } catch { work() }
            }
        }
        room.close()
        while let batch = nextBatch() { keep(batch, settled: settled) }
    }

    private func nextBatch() -> [Arrival]? {
        state.withLock { state in
            var (count, byteCount) = (0, 0)
            for arrival in state.waiting.prefix(Self.batchCountMax) {
                guard count == 0 || byteCount + arrival.bytes.count <= Self.batchByteCountMax else { break }
                (count, byteCount) = (count + 1, byteCount + arrival.bytes.count)
            }
            guard count > 0 else { return nil }
            let batch = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.byteCount -= byteCount
            if state.waiting.isEmpty { state.isUrgent = false }
            return batch
        }
    }

    /// Stores what there is room for by the quota; the rest was brought for readers only.
    private func keep(_ batch: [Arrival], settled: (Flight, Flight.Outcome) -> Void) {
        guard let charge else { return store(batch, settled: settled) }
        let wanted = charge.keepsReads ? batch : batch.filter(\.flight.isKeepingAwaited)
        let answers = charge.promise(wanted.map(\.bytes.count))
        let kept = zip(wanted, answers).filter(\.1).map(\.0)
        let hashes = Set(kept.map(\.object.hash))
        for arrival in batch where !hashes.contains(arrival.object.hash) {
            finish([arrival], .success(.bytes(arrival.bytes)), settled)
        }
        guard !kept.isEmpty else { return }
        store(kept, settled: settled)
        charge.settle(kept.map(\.bytes.count))
    }

    private func store(_ batch: [Arrival], settled: (Flight, Flight.Outcome) -> Void) {
        do throws(ObjectError) {
            var files = ObjectBatch(in: store)
            for arrival in batch { _ = try files.add(arrival.bytes, verifiedAs: arrival.object.hash) }
            try files.commit()
            finish(batch, .success(.stored), settled)
        } catch {
            guard batch.count == 1 else {
                // One that does not fit is not to keep the others away.
                for arrival in batch { store([arrival], settled: settled) }
                return
            }
            // A full disk keeps nobody from reading.
            finish(batch, error == .noSpace ? .success(.bytes(batch[0].bytes)) : .failure(error), settled)
        }
    }

    private func finish(_ batch: [Arrival], _ outcome: Flight.Outcome, _ settled: (Flight, Flight.Outcome) -> Void) {
        if case .success(.stored) = outcome { directory.stored(batch.map { ($0.object, $0.holder) }) }
        for arrival in batch { settled(arrival.flight, outcome) }
        room.leave(byteCount: batch.reduce(0) { $0 + $1.bytes.count }, count: batch.count)
    }
}
