import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Node

/// What a person does at the page: the commands of the command line, answered line by line as they go.
///
/// Who closes the page ends what it has begun.
enum Action {
    /// What the page says: names of things, and whether it is meant.
    private struct Wish: Decodable {
        var names: [String]
        /// Only told what would be done.
        var isRehearsal: Bool?
        /// Although it alone has something.
        var isForced: Bool?
    }

    private static let nameCountMax = 1_000

    /// A line of the answer.
    private enum Line<Item: Encodable & Sendable>: Encodable {
        case item(Item)
        case failed(String)
        case done

        private enum CodingKeys: String, CodingKey { case item, failed, done }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .item(let item): try container.encode(item, forKey: .item)
            case .failed(let words): try container.encode(words, forKey: .failed)
            case .done: try container.encode(true, forKey: .done)
            }
        }
    }

    static func response(
        to request: Request,
        named name: String,
        on node: Node,
        _ feed: LiveFeed
    ) async throws -> Response {
        let body = try await request.body.collect(upTo: Pages.bodyByteCountMax)
        guard let wish = try? JSONDecoder().decode(Wish.self, from: Data(body.readableBytesView)),
            (1...nameCountMax).contains(wish.names.count)
        else { return .refused(.badRequest, "nothing is named that it is about") }
        let isRehearsal = wish.isRehearsal ?? false
        switch name {
        case "pin": return answer(PinPaths(names: wish.names, isPinned: true), on: node, feed)
        case "unpin": return answer(PinPaths(names: wish.names, isPinned: false), on: node, feed)
        case "fetch": return answer(FetchPaths(names: wish.names), on: node, feed)
        case "evict": return answer(EvictPaths(names: wish.names, isRehearsal: isRehearsal), on: node, feed)
        case "revoke":
            guard wish.names.count == 1 else { return .refused(.badRequest, "one device is revoked at a time") }
            let command = RevokeInstance(instance: wish.names[0], isForced: wish.isForced ?? false)
            return answer(command, on: node, feed)
        default: throw HTTPError(.notFound)
        }
    }

    private static func answer<Command: NodeCommand>(
        _ command: Command,
        on node: Node,
        _ feed: LiveFeed
    ) -> Response {
        let body = ResponseBody { writer in
            // A line cannot be written from where the command reports it: that would lend the writer out.
            let (lines, continuation) = AsyncStream<ByteBuffer>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { continuation.finish() }
                    continuation.yield(await run(command, on: node) { continuation.yield($0) })
                }
                for await line in lines { try await writer.write(line) }
                group.cancelAll()
            }
            feed.refresh()
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson"], body: body)
    }

    /// The last line.
    private static func run<Command: NodeCommand>(
        _ command: Command,
        on node: Node,
        emit: @escaping @Sendable (ByteBuffer) -> Void
    ) async -> ByteBuffer {
        do {
            try await command.run(on: node) { item in emit(try line(Line.item(item))) }
            return try line(Line<Bool>.done)
        } catch {
            let failure = Line<Bool>.failed(CommandError(explaining: error).message)
            return (try? line(failure)) ?? ByteBuffer()
        }
    }

    private static func line(_ line: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try JSON.bytes(line) + [0x0A])
    }
}
