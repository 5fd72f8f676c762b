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

    /// An object that has arrived.
    struct Arrival: Sendable {
        var flight: Flight
        var object: KnownObject
        var bytes: [UInt8]
        var holder: String
    }

    private let store: ObjectStore
    private let directory: any HolderDirectory
    private let room = Room(byteCount: byteCountMax, count: countMax)
    private let waiting = Mutex<[Arrival]>([])
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation

    init(store: ObjectStore, directory: any HolderDirectory) {
        (self.store, self.directory) = (store, directory)
        (arrivals, arrived) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes an object when there is room for it; false if there will be none.
    func take(_ arrival: Arrival) async -> Bool {
        guard await room.take(arrival.bytes.count) else { return false }
        waiting.withLock { $0.append(arrival) }
        arrived.yield()
        return true
    }

    /// Stores what comes until the task is cancelled, and then what has come by then.
    func run(settled: @escaping @Sendable (Flight, Flight.Outcome) -> Void) async {
        for await _ in arrivals {
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
        waiting.withLock { waiting in
            var byteCount = 0
            let batch = waiting.prefix(Self.batchCountMax).prefix { arrival in
                defer { byteCount += arrival.bytes.count }
                return byteCount == 0 || byteCount + arrival.bytes.count <= Self.batchByteCountMax
            }
            guard !batch.isEmpty else { return nil }
            waiting.removeFirst(batch.count)
            return Array(batch)
        }
    }

    private func keep(_ batch: [Arrival], settled: (Flight, Flight.Outcome) -> Void) {
        do throws(ObjectError) {
            var files = ObjectBatch(in: store)
            for arrival in batch { _ = try files.add(arrival.bytes) }
            try files.commit()
            finish(batch, .success(.stored), settled)
        } catch {
            guard batch.count == 1 else {
                // One that does not fit is not to keep the others away.
                for arrival in batch { keep([arrival], settled: settled) }
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
