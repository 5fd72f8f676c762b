import Objects
import Peers
import Storage

/// Objects that are too large for memory: one stream each, straight to `incoming/`.
extension Fetcher {
    /// Large objects at once; the others wait their turn.
    static let largeFlightsMax = 64

    func fly(_ flight: Flight) async {
        guard await largePlaces.take() else { return end(flight, .failure(.unreachable)) }
        defer { largePlaces.leave() }
        let outcome: Flight.Outcome = await withTaskGroup { group in
            group.addTask {
                await Self.result { () async throws(ObjectError) in try await self.bring(flight) }
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
        end(flight, outcome)
    }

    private static func result(
        _ body: () async throws(ObjectError) -> Flight.Landing
    ) async -> Flight.Outcome {
        do throws(ObjectError) { return .success(try await body()) } catch { return .failure(error) }
    }

    /// Tries one holder after another.
    private func bring(_ flight: Flight) async throws(ObjectError) -> Flight.Landing {
        let route = flight.route
        guard let known = route.known else { throw .unknown }
        var worst = route.worst
        for holder in route.holders {
            do throws(ObjectError) {
                return try await bring(known, from: holder, flight.priority)
            } catch .cancelled where flight.isAbandoned {
                throw .cancelled
            } catch Self.wrongSize {
                throw Self.wrongSize
            } catch {
                directory.failed(known.hash, error, at: holder.name)
                if error.urgency > worst.urgency { worst = error }
            }
        }
        throw worst
    }

    /// One holder; `.timedOut` if nothing comes for longer than the deadline.
    private func bring(
        _ known: KnownObject,
        from holder: Holder,
        _ priority: CallPriority
    ) async throws(ObjectError) -> Flight.Landing {
        let progress = ProgressWatch(time: time)
        let result: Flight.Outcome = await withTaskGroup { group in
            group.addTask {
                await Self.result { () async throws(ObjectError) in
                    try await self.transfer(known, from: holder, priority, progress)
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
        _ priority: CallPriority,
        _ progress: ProgressWatch
    ) async throws(ObjectError) -> Flight.Landing {
        let pieces = try await holder.open(known.hash, priority)
        var staged = try store.stage()
        var byteCount = 0
        while let piece = try await pieces.next() {
            progress.advance()
            byteCount += piece.count
            guard byteCount <= known.byteCount else { throw .damaged(by: holder.name) }
            try staged.append(piece)
        }
        do throws(ObjectError) {
            directory.stored([(try staged.commit(expecting: known.hash), holder.name)])
        } catch .damaged {
            throw .damaged(by: holder.name)
        }
        guard byteCount == known.byteCount else { throw Self.wrongSize }
        return .stored
    }
}
