import Objects
import Peers

/// Objects that are too large for memory: in parts.
extension Fetcher {
    /// Large objects at once; the others wait their turn.
    static let largeFlightsMax = 64

    func fly(_ flight: Flight) async {
        guard !Task.isCancelled, await largeRoom.take() else { return end(flight, .failure(.unreachable)) }
        defer { largeRoom.leave() }
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

    private func bring(_ flight: Flight) async throws(ObjectError) -> Flight.Landing {
        guard let known = flight.route.known else { throw .unknown }
        try await large.fetch(known, flight.priority)
        return .stored
    }
}
