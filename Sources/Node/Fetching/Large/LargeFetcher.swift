import Objects
import Peers
import Storage
import Synchronization

/// Fetches of large objects: one assembly each, which any number of readers share.
final class LargeFetcher: Sendable {
    /// Up to this size all of an object is fetched, and its hash found right, before any of it is read: a chunk is checked
    /// against the word of a holder, and little would be saved.
    static let wholeByteCountMax = 4 << 20
    /// Assemblies that are kept for those who may come back, and what they have verified with them.
    private static let keptCountMax = 64

    private let store: ObjectStore
    private let directory: any HolderDirectory
    private let time: any Timekeeper
    private let deadline: Duration
    private let charge: Charge?
    private let counters: FetchCounters
    private let assemblies = Mutex<[ObjectHash: Assembly]>([:])
    private let queue: AsyncStream<Assembly>
    private let departures: AsyncStream<Assembly>.Continuation

    init(
        store: ObjectStore,
        directory: any HolderDirectory,
        time: any Timekeeper,
        deadline: Duration,
        _ charge: Charge?,
        _ counters: FetchCounters
    ) {
        (self.store, self.directory, self.time, self.counters) = (store, directory, time, counters)
        (self.deadline, self.charge) = (deadline, charge)
        (queue, departures) = AsyncStream.makeStream()
    }

    /// Runs the assemblies that somebody wants something of, until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await assembly in queue {
                group.addTask {
                    await assembly.run()
                    if assembly.state.withLock({ $0.isComplete }) { self.forget(assembly.hash) }
                }
            }
            group.cancelAll()
        }
        end()
    }

    /// What parts are asked of.
    var underway: [(ObjectHash, Int?)] {
        let assemblies = assemblies.withLock { Array($0.values) }
        return assemblies.filter { $0.state.withLock { $0.run != nil } }.map { ($0.hash, $0.known.byteCount) }
    }

    /// Nothing is fetched any more.
    func end() { departures.finish() }

    /// Brings all of an object into the store.
    func fetch(_ known: KnownObject, _ priority: CallPriority) async throws(ObjectError) {
        try await assembly(of: known).fetch(priority)
        forget(known.hash)
    }

    /// Who reads an object while it comes.
    func reader(of known: KnownObject) -> LargeReader {
        LargeReader(assembly(of: known), store: store) { [counters, time] in FetchMeter(counters, time) }
    }

    private func assembly(of known: KnownObject) -> Assembly {
        assemblies.withLock { assemblies in
            if let assembly = assemblies[known.hash], assembly.known.byteCount == known.byteCount,
                !assembly.state.withLock({ $0.isComplete })
            {
                return assembly
            }
            if assemblies.count >= Self.keptCountMax { Self.forgetIdle(&assemblies) }
            let assembly = Assembly(
                known,
                store: store,
                directory: directory,
                time: time,
                deadline: deadline,
                charge: charge
            ) { [departures] assembly in
                if case .terminated = departures.yield(assembly) { false } else { true }
            }
            assemblies[known.hash] = assembly
            return assembly
        }
    }

    /// Lets go of the parts that nobody reads on.
    func forgetIdle() { assemblies.withLock { Self.forgetIdle(&$0) } }

    private static func forgetIdle(_ assemblies: inout [ObjectHash: Assembly]) {
        assemblies = assemblies.filter { !$0.value.isForgettable }
    }

    private func forget(_ hash: ObjectHash) {
        assemblies.withLock { assemblies in
            if assemblies[hash]?.isForgettable == true { assemblies[hash] = nil }
        }
    }
}
