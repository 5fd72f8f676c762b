import Objects
import Peers
import Synchronization

extension Fetcher.Request {
    private static let shortCountMax = 8
    private static let shortByteCountMax = 64 << 10

    /// Where it is carried: a short one is over sooner than another thread could take it.
    var executor: any TaskExecutor {
        let byteCount = flights.reduce(0) { $0 + ($1.route.known?.byteCount ?? 0) }
        let isShort = flights.count <= Self.shortCountMax && byteCount <= Self.shortByteCountMax
        return isShort ? LoopExecutor.dialled : globalConcurrentExecutor
    }
}

/// Requests for small objects: asked together, answered one by one.
extension Fetcher {
    /// Asks a holder for several objects; each that comes lands, and the others go on to the next holder.
    ///
    /// Ends early when nobody waits for any of them, or when nothing comes for longer than the deadline.
    func carry(_ request: Request) async {
        let progress = ProgressWatch(time: time)
        let party = Party(request.flights)
        stalls.watch(progress) { party.disperse(.timedOut) }
        defer { stalls.letGo(progress) }
        let failure: ObjectError? = await withTaskGroup(of: ObjectError?.self) { group in
            group.addTask {
                do throws(ObjectError) {
                    try await self.transfer(request, party, progress)
                    return nil
                } catch {
                    return error
                }
            }
            group.addTask { await party.dispersal() }
            defer { group.cancelAll() }
            return await group.next() ?? .cancelled
        }
        for flight in party.disband() {
            missed(flight, failure ?? .damaged(by: request.holder.name), at: request.holder)
        }
    }

    private func transfer(
        _ request: Request,
        _ party: Party,
        _ progress: ProgressWatch
    ) async throws(ObjectError) {
        let holder = request.holder
        let answers = try await holder.ask(request.flights.map(\.hash), request.priority)
        var answeredCount = 0
        while let answer = try await answers.next() {
            progress.advance()
            request.holderProgress.advance()
            switch answer {
            case .progress: continue
            case .failed(let hash, let error):
                if let flight = party.leave(hash) { missed(flight, error, at: holder) }
            case .object(let hash, let bytes):
                guard let flight = party.leave(hash) else { continue }
                // That the disk is slow is no fault of the holder.
                progress.hold()
                request.holderProgress.hold()
                await land(flight, bytes, from: holder)
                progress.advance()
                request.holderProgress.advance()
            }
            answeredCount += 1
        }
        // It stopped at one that is too large: the others have another chance.
        if answeredCount > 0 { for flight in party.disband() { askAgain(flight, at: holder) } }
    }

    /// Verified bytes are here: whoever waits reads them, and they are kept when there is room for them.
    private func land(_ flight: Flight, _ bytes: [UInt8], from holder: Holder) async {
        guard let known = flight.route.known else { return }
        let isRight = bytes.count == known.byteCount
        guard flight.land(isRight ? .success(.bytes(bytes)) : .failure(Self.wrongSize)) else { return }
        var object = known
        object.byteCount = bytes.count
        let arrival = Keeper.Arrival(flight: flight, object: object, bytes: bytes, holder: holder.name)
        // The node is ending: what was read is not kept.
        if !(await keeper.take(arrival)) { end(flight, .success(.bytes(bytes))) }
    }
}

/// The flights of one request that have no answer yet and are waited for.
final class Party: Sendable {
    private let flights: Mutex<[ObjectHash: Flight]>
    private let dispersals: AsyncStream<ObjectError>
    private let dispersed: AsyncStream<ObjectError>.Continuation

    init(_ flights: [Flight]) {
        self.flights = Mutex(Dictionary(flights.map { ($0.hash, $0) }) { first, _ in first })
        (dispersals, dispersed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
        for flight in flights { flight.whenAbandoned { [weak self, hash = flight.hash] in self?.lose(hash) } }
    }

    /// Nobody waits for this one any more.
    private func lose(_ hash: ObjectHash) {
        let isLast = flights.withLock { flights in flights.removeValue(forKey: hash) != nil && flights.isEmpty }
        if isLast { disperse(.cancelled) }
    }

    /// Nothing more will come, for this reason.
    func disperse(_ reason: ObjectError) { dispersed.yield(reason) }

    /// Waits until the last one that had no answer is not waited for any more, or nothing more will come; for ever, if all
    /// get one.
    func dispersal() async -> ObjectError {
        for await reason in dispersals { return reason }
        return .cancelled
    }

    /// One has its answer; nil if nobody waits for it.
    func leave(_ hash: ObjectHash) -> Flight? { flights.withLock { $0.removeValue(forKey: hash) } }

    /// Takes out the rest.
    func disband() -> [Flight] {
        flights.withLock { flights in
            defer { flights = [:] }
            return Array(flights.values)
        }
    }
}
