package import Objects
package import Peers
import ServiceLifecycle
package import Storage
import Synchronization
import SystemPackage

/// Brings known objects here: one fetch a hash however many wait, many objects a request, holders tried in turn, verified
/// before seen (design 7).
///
/// Small objects are read from memory as soon as they are verified, and stored behind barriers they share (`Keeper`).
package final class Fetcher: Service {
    /// Objects up to this size are held in memory on their way; larger ones come in parts (`LargeFetcher`).
    package static let memoryByteCountMax = 1 << 20

    /// The right bytes are here, but readers were told another size, and would take a part for the whole; the next read is
    /// right.
    static let wrongSize = ObjectError.system(.staleNFSFileHandle, "its size was told wrongly: read it again")

    let store: ObjectStore
    let directory: any HolderDirectory
    let time: any Timekeeper
    let charge: Charge?
    /// Longest time without progress before a holder counts as stuck.
    let deadline: Duration
    let keeper: Keeper
    let largeRoom = Room(count: largeFlightsMax)
    let large: LargeFetcher
    let stalls: StallWatch
    private let counters: FetchCounters
    private let state = Mutex(State())
    private let work: AsyncStream<Work>
    private let assignments: AsyncStream<Work>.Continuation

    /// What is done beside whoever asked for it.
    enum Work: Sendable {
        case request(Request)
        case large(Flight)
    }

    private struct State {
        var flights: [ObjectHash: Flight] = [:]
        var desks: [Holder.Key: Desk] = [:]
    }

    /// A holder, and what is wanted of it.
    private struct Desk {
        let holder: Holder
        let progress: ProgressWatch
        var gathering = Gathering<Flight>()

        mutating func nextRequest() -> Request? {
            gathering.next { $0.leaveLine() }.map { flights, priority in
                Request(flights: flights, priority: priority, holder: holder, holderProgress: progress)
            }
        }
    }

    /// Objects that one holder is asked for at once.
    struct Request: Sendable {
        let flights: [Flight]
        let priority: CallPriority
        let holder: Holder
        /// Whether the holder does anything at all.
        let holderProgress: ProgressWatch
    }

    /// `charge` is asked before anything is stored; nil: everything is kept that the disk takes.
    package init(
        store: ObjectStore,
        directory: any HolderDirectory,
        time: any Timekeeper,
        deadline: Duration,
        charge: Charge? = nil,
        counters: FetchCounters = FetchCounters()
    ) {
        (self.store, self.directory, self.time, self.counters) = (store, directory, time, counters)
        (self.deadline, self.charge) = (deadline, charge)
        keeper = Keeper(store: store, directory: directory, time: time, charge: charge)
        stalls = StallWatch(time: time, limit: deadline)
        (work, assignments) = AsyncStream.makeStream()
        large = LargeFetcher(store: store, directory: directory, time: time, deadline: deadline, charge, counters)
    }

    /// Brings the object here, durable on return.
    ///
    /// Returns its bytes only if they could not be kept.
    package func fetch(
        _ hash: ObjectHash,
        priority: CallPriority = .reader
    ) async throws(ObjectError) -> [UInt8]? {
        let flight = flight(to: hash, priority)
        // It has arrived for a reader, and now somebody waits for its barrier.
        if flight.isOver { keeper.hurry() }
        switch try await landing(of: flight, .kept) {
        case .stored: return nil
        case .bytes(let bytes): return bytes
        }
    }

    /// Bytes of an object, wherever they are: verified, and not necessarily durable yet.
    ///
    /// `known` is what the directory says of it, where that was asked already.
    package func read(
        _ range: Range<Int>,
        of hash: ObjectHash,
        known: KnownObject? = nil
    ) async throws(ObjectError) -> [UInt8] {
        switch try await landing(of: flight(to: hash, .reader, known), .landed) {
        case .stored: return try await store.read(range, of: hash)
        case .bytes(let bytes): return Array(bytes[range.clamped(to: 0..<bytes.count)])
        }
    }

    /// All that fly.
    var flights: [Flight] { state.withLock { Array($0.flights.values) } }

    /// The bytes of an object that has arrived and is not on the disk yet.
    package func bytesInMemory(of hash: ObjectHash) -> [UInt8]? {
        state.withLock { $0.flights[hash] }?.bytesInMemory
    }

    private func landing(of flight: Flight, _ stage: Flight.Stage) async throws(ObjectError) -> Flight.Landing {
        do throws(ObjectError) {
            return try await flight.landing(stage)
        } catch {
            if error == .cancelled, flight.isAbandoned { forget(flight) }
            throw error
        }
    }

    private func flight(to hash: ObjectHash, _ priority: CallPriority, _ known: KnownObject? = nil) -> Flight {
        let (flight, isNew) = state.withLock { state in
            if let flight = state.flights[hash], flight.board() { return (flight, false) }
            let flight = Flight(hash: hash, priority: priority)
            _ = flight.board()
            state.flights[hash] = flight
            return (flight, true)
        }
        if isNew {
            depart(flight, known)
        } else if priority == .reader, let holder = flight.hurry() {
            line(up: flight, at: holder)
        }
        return flight
    }

    private func depart(_ flight: Flight, _ known: KnownObject?) {
        do throws(ObjectError) {
            // Here in the meantime, or all the time.
            if try store.localByteCount(of: flight.hash) != nil { return end(flight, .success(.stored)) }
            flight.measure(by: FetchMeter(counters, time))
            var known = known
            if known == nil { known = try directory.known(flight.hash) }
            guard let known else { throw .unknown }
            let holders = directory.holders(of: flight.hash)
            // A place that cannot be fetched from now is told at once.
            guard !holders.isEmpty else { throw absence(of: flight.hash) }
            flight.route = Flight.Route(known: known, holders: holders[...])
            if known.byteCount > Self.memoryByteCountMax { assign(.large(flight)) } else { goOn(flight) }
        } catch {
            end(flight, .failure(error))
        }
    }

    /// Nobody can be asked: why not, noted for whoever asks later.
    private func absence(of hash: ObjectHash) -> ObjectError {
        let reason = directory.absence(of: hash)
        directory.failed(hash, reason, at: nil)
        return reason
    }

    /// On to the next holder; the end where there is none left.
    private func goOn(_ flight: Flight) {
        var route = flight.route
        guard let holder = route.holders.popFirst() else { return end(flight, .failure(route.worst)) }
        route.waitingAt = holder
        flight.route = route
        line(up: flight, at: holder)
    }

    private func line(up flight: Flight, at holder: Holder) {
        let byteCount = flight.route.known?.byteCount ?? 0
        let request = state.withLock { state in
            var desk =
                state.desks.removeValue(forKey: holder.key)
                ?? Desk(holder: holder, progress: ProgressWatch(time: time))
            desk.gathering.add(flight, byteCount: byteCount, flight.priority)
            let request = desk.nextRequest()
            state.desks[holder.key] = desk
            return request
        }
        if let request { assign(.request(request)) }
    }

    private func assign(_ work: Work) {
        // Once the node is ending nobody flies any more.
        guard case .terminated = assignments.yield(work) else { return }
        switch work {
        case .request(let request): for flight in request.flights { end(flight, .failure(.unreachable)) }
        case .large(let flight): end(flight, .failure(.unreachable))
        }
    }

    /// Ends a flight: nobody else boards it.
    func end(_ flight: Flight, _ outcome: Flight.Outcome) {
        forget(flight)
        flight.end(outcome)
    }

    private func forget(_ flight: Flight) {
        state.withLock { state in
            if state.flights[flight.hash] === flight { state.flights[flight.hash] = nil }
        }
    }
}

extension Fetcher {
    package func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask(executorPreference: globalConcurrentExecutor) {
                    await self.keeper.run(settled: self.end)
                }
                group.addTask(executorPreference: globalConcurrentExecutor) { await self.large.run() }
                group.addTask { await self.stalls.run() }
                for await work in work {
                    group.addTask {
                        switch work {
                        case .request(let request): await self.serve(request)
                        case .large(let flight): await self.fly(flight)
                        }
                    }
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.assignments.finish()
            self.large.end()
        }
        for flight in flights { end(flight, .failure(.unreachable)) }
    }

    /// A request, and those that gather while it is under way.
    private func serve(_ first: Request) async {
        var next: Request? = first
        while let request = next {
            await withTaskExecutorPreference(request.executor) { await carry(request) }
            // A holder that does nothing keeps those in line no longer than those it was asked for.
            let isStuck = request.holderProgress.idle >= deadline
            let (following, stuck) = state.withLock { state -> (Request?, [Flight]) in
                guard var desk = state.desks.removeValue(forKey: request.holder.key) else { return (nil, []) }
                desk.gathering.finish(request.priority)
                let stuck = isStuck ? desk.gathering.drain() : []
                let following = desk.nextRequest()
                if !desk.gathering.isIdle { state.desks[request.holder.key] = desk }
                return (following, stuck)
            }
            for flight in stuck where flight.leaveLine() { missed(flight, .timedOut, at: request.holder) }
            next = following
        }
    }

    /// This holder does not have it, or does not give it.
    func missed(_ flight: Flight, _ error: ObjectError, at holder: Holder) {
        guard !flight.isOver else { return }
        // The session ended; who waits has not given up.
        let error = error == .cancelled ? .unreachable : error
        directory.failed(flight.hash, error, at: holder.name)
        if error.urgency > flight.route.worst.urgency { flight.route.worst = error }
        goOn(flight)
    }

    /// The holder stopped before it came to this one.
    func askAgain(_ flight: Flight, at holder: Holder) {
        guard !flight.isOver else { return }
        flight.route.waitingAt = holder
        line(up: flight, at: holder)
    }
}
