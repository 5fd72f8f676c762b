package import Objects
import ServiceLifecycle
package import Storage
import Synchronization

/// Where holders come from: the node's live sessions.
package protocol HolderDirectory: Sendable {
    /// Instances that can be asked now, the best first.
    func holders(of hash: ObjectHash) -> [Holder]
    /// Why nobody can be asked, when `holders` are none.
    func absence(of hash: ObjectHash) -> ObjectError
    /// What is known of the object; nil if nobody has heard of it.
    func known(_ hash: ObjectHash) throws(ObjectError) -> KnownObject?
    /// The object is on this disk now.
    func stored(_ object: KnownObject, from holder: String)
    /// A fetch from this holder failed; nil if there was none to ask.
    func failed(_ hash: ObjectHash, _ error: ObjectError, at holder: String?)
}

/// Brings known objects here: one fetch a hash however many wait, holders tried in turn, verified before stored,
/// stored before seen (design 7).
package final class Fetcher: Service {
    /// Objects up to this size are held in memory on their way; larger ones go to `incoming/` piece by piece.
    package static let memoryByteCountMax = 1 << 20
    /// Flights at once; the others wait their turn.
    package static let flightsMax = 64

    private let store: ObjectStore
    private let directory: any HolderDirectory
    private let time: any Timekeeper
    /// Longest time without progress before a holder counts as stuck.
    private let deadline: Duration
    private let flights = Mutex<[ObjectHash: Flight]>([:])
    private let queue: AsyncStream<Flight>
    private let departures: AsyncStream<Flight>.Continuation

    package init(store: ObjectStore, directory: any HolderDirectory, time: any Timekeeper, deadline: Duration) {
        (self.store, self.directory, self.time, self.deadline) = (store, directory, time, deadline)
        (queue, departures) = AsyncStream.makeStream()
    }

    /// Brings the object here.
    ///
    /// Returns its bytes only if they could not be kept.
    package func fetch(_ hash: ObjectHash) async throws(ObjectError) -> [UInt8]? {
        guard try directory.known(hash) != nil else { throw .unknown }
        // A place that cannot be fetched from now is told at once, without a flight.
        guard !directory.holders(of: hash).isEmpty else { throw absence(of: hash) }
        switch try await flight(to: hash).landing() {
        case .stored: return nil
        case .bytes(let bytes): return bytes
        }
    }

    /// Nobody can be asked: why not, noted for whoever asks later.
    private func absence(of hash: ObjectHash) -> ObjectError {
        let reason = directory.absence(of: hash)
        directory.failed(hash, reason, at: nil)
        return reason
    }

    private func flight(to hash: ObjectHash) -> Flight {
        flights.withLock { flights in
            if let flight = flights[hash], flight.board() { return flight }
            let flight = Flight(hash: hash)
            _ = flight.board()
            flights[hash] = flight
            departures.yield(flight)
            return flight
        }
    }

    package func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                let places = Places(Self.flightsMax)
                for await flight in queue {
                    guard await places.take() else { break }
                    group.addTask {
                        await self.fly(flight)
                        places.leave()
                    }
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.departures.finish()
        }
        for flight in flights.withLock({ Array($0.values) }) { flight.end(.failure(.unreachable)) }
    }

    private func fly(_ flight: Flight) async {
        let outcome: Result<Flight.Landing, ObjectError> = await withTaskGroup { group in
            group.addTask {
                await Self.result { () async throws(ObjectError) in try await self.bring(flight.hash) }
            }
            let (abandoned, abandon) = AsyncStream<Void>.makeStream()
            flight.whenAbandoned { abandon.finish() }
            group.addTask {
                for await _ in abandoned {}
                return .failure(.cancelled)
            }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
        flights.withLock { flights in
            if flights[flight.hash] === flight { flights[flight.hash] = nil }
        }
        flight.end(outcome)
    }

    private static func result(
        _ body: () async throws(ObjectError) -> Flight.Landing
    ) async -> Result<Flight.Landing, ObjectError> {
        do throws(ObjectError) { return .success(try await body()) } catch { return .failure(error) }
    }

    /// Tries one holder after another.
    private func bring(_ hash: ObjectHash) async throws(ObjectError) -> Flight.Landing {
        guard let known = try directory.known(hash) else { throw .unknown }
        if try store.localByteCount(of: hash) != nil { return .stored }
        var worst = ObjectError.unreachable
        let holders = directory.holders(of: hash)
        if holders.isEmpty { worst = absence(of: hash) }
        for holder in holders {
            do throws(ObjectError) {
                return try await bring(known, from: holder)
            } catch .cancelled {
                throw .cancelled
            } catch {
                directory.failed(hash, error, at: holder.name)
                if error.urgency > worst.urgency { worst = error }
            }
        }
        throw worst
    }

    /// One holder; `.timedOut` if nothing comes for longer than the deadline.
    private func bring(_ known: KnownObject, from holder: Holder) async throws(ObjectError) -> Flight.Landing {
        let progress = ProgressWatch(time: time)
        let result: Result<Flight.Landing, ObjectError> = await withTaskGroup { group in
            group.addTask {
                await Self.result { () async throws(ObjectError) in
                    try await self.transfer(known, from: holder, progress)
                }
            }
            group.addTask { .failure(await progress.stalls(for: self.deadline) ? .timedOut : .cancelled) }
            defer { group.cancelAll() }
            return await group.next() ?? .failure(.cancelled)
        }
        return try result.get()
    }

    private func transfer(
        _ known: KnownObject,
        from holder: Holder,
        _ progress: ProgressWatch
    ) async throws(ObjectError) -> Flight.Landing {
        let pieces = try await holder.open(known.hash)
        guard known.byteCount > Self.memoryByteCountMax else {
            var bytes: [UInt8] = []
            while let piece = try await pieces.next() {
                progress.advance()
                bytes += piece
                guard bytes.count <= known.byteCount else { throw .damaged(by: holder.name) }
            }
            guard ObjectHash(of: bytes) == known.hash else { throw .damaged(by: holder.name) }
            return try keep(bytes, from: holder)
        }
        var staged = try store.stage()
        var byteCount = 0
        while let piece = try await pieces.next() {
            progress.advance()
            byteCount += piece.count
            guard byteCount <= known.byteCount else { throw .damaged(by: holder.name) }
            try staged.append(piece)
        }
        do throws(ObjectError) {
            directory.stored(try staged.commit(expecting: known.hash), from: holder.name)
        } catch .damaged {
            throw .damaged(by: holder.name)
        }
        return .stored
    }

    /// Stores verified bytes; a full disk does not keep them from the reader.
    private func keep(_ bytes: [UInt8], from holder: Holder) throws(ObjectError) -> Flight.Landing {
        do throws(ObjectError) {
            directory.stored(try store.put(bytes), from: holder.name)
            return .stored
        } catch .noSpace {
            return .bytes(bytes)
        }
    }
}

extension ObjectError {
    /// Of several reasons the one a reader should hear: the most telling has the highest.
    fileprivate var urgency: Int {
        switch self {
        case .noSpace, .system: 5
        case .timedOut: 4
        case .damaged: 3
        case .refused: 2
        case .unreachable: 1
        case .unknown, .fetchNotAllowed, .cancelled: 0
        }
    }
}
