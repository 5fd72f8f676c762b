package import Objects

/// Services 41 and 42.
extension IoMServer {
    /// number of the feed, number of the outline -> lines of an outline, which go on as they come.
    func outline(_ call: IncomingCall) async throws -> Answer {
        guard call.arguments.count >= 2, let feed = call.arguments[0].integer, let outline = call.arguments[1].integer,
            feed >= 0, outline >= 0
        else { throw Self.badArguments }
        let writer = OutlineWriter(stream: call.stream)
        try await service.outline(after: Int64(feed), Int64(outline), to: writer, for: session)
        return .streamed
    }

    /// topic, day, place -> lines of messages.
    func day(_ call: IncomingCall) async throws -> Answer {
        guard call.arguments.count >= 3, let topic = call.arguments[0].string, let day = call.arguments[1].integer,
            let place = call.arguments[2].integer, place >= 0, CivilTime.days.contains(day)
        else { throw Self.badArguments }
        let writer = OutlineWriter(stream: call.stream)
        try await service.posted(on: day, in: topic, after: Int64(place), to: writer, for: session)
        return .streamed
    }
}

/// Where an outline or a day is written to.
package struct OutlineWriter: Sendable {
    let stream: StreamWriter

    /// Sends a batch; waits until the reader takes it.
    package func send(_ batch: OutlineBatch) async throws(CallError) {
        let feed = batch.proofs.map(ChangeLine.proof) + batch.changes.map(ChangeLine.change)
        var lines = feed.map(OutlineLine.feed) + batch.items.map(OutlineLine.item)
        if let number = batch.feedNumber { lines.append(.feedNumber(number)) }
        try await stream.write(lines: lines.lazy.map(\.text))
    }

    /// Sends messages of a day, each with its place.
    package func send(_ messages: [(place: Int64, message: PostedMessage)]) async throws(CallError) {
        try await stream.write(
            lines: messages.lazy.map { JSONText.encode(PostedLine(place: $0.place, message: $0.message)) }
        )
    }
}

extension IoMService {
    /// For who keeps no tree.
    package func outline(
        after feed: Int64,
        _ outline: Int64,
        to writer: OutlineWriter,
        for caller: IoMSession
    ) async throws {
        throw CallFailure(message: "no outline here", code: ServiceCode.unknownService)
    }

    /// For who keeps no tree.
    package func posted(
        on day: Int,
        in topic: String,
        after place: Int64,
        to writer: OutlineWriter,
        for caller: IoMSession
    ) async throws {
        throw CallFailure(message: "no outline here", code: ServiceCode.unknownService)
    }
}
