package import Objects

/// Parts of large objects: services 34 and 35.
extension IoMServer {
    /// hash, offset, count of bytes -> the bytes, cut at the end of the object.
    func range(_ call: IncomingCall) async throws -> Answer {
        guard call.arguments.count >= 3, let hash = call.arguments[0].string.flatMap({ ObjectHash(hex: $0) }),
            let offset = call.arguments[1].integer, let count = call.arguments[2].integer, offset >= 0, count >= 0
        else { throw Self.badArguments }
        var found = try await service.object(hash, requester: ServedObject.rangeRequester, for: session)
        if found == nil {
            await service.bring([hash], for: session)
            found = try await service.object(hash, requester: ServedObject.rangeRequester, for: session)
        }
        guard let object = found else { throw Self.missing }
        let start = min(offset, object.byteCount)
        let end = start + min(count, object.byteCount - start)
        var position = start
        while position < end {
            let next = min(position + ObjectRecordWriter.pieceByteCount, end)
            let bytes = try object.read(position..<next)
            session.transfers.add(byteCount: bytes.count, .sent)
            try await call.stream.write(bytes)
            position = next
        }
        return .streamed
    }

    /// hash -> its list of chunks (`ChunkList+Encoding`), which may come while it is made.
    func chunks(_ call: IncomingCall) async throws -> Answer {
        guard let hash = call.arguments.first?.string.flatMap({ ObjectHash(hex: $0) }) else { throw Self.badArguments }
        guard try await service.chunks(of: hash, to: ChunkListWriter(call.stream, session.transfers), for: session)
        else {
            throw Self.missing
        }
        return .streamed
    }

    private static let missing = CallFailure(message: "not here", code: ServiceCode.missing)
}

/// Where a list of chunks is written to.
package struct ChunkListWriter: Sendable {
    private let stream: StreamWriter
    private let transfers: TransferCounters

    init(_ stream: StreamWriter, _ transfers: TransferCounters) { (self.stream, self.transfers) = (stream, transfers) }

    /// Sends a piece of the encoded list; waits until the reader takes it.
    package func write(_ bytes: [UInt8]) async throws(CallError) {
        transfers.add(byteCount: bytes.count, .sent)
        try await stream.write(bytes)
    }
}

extension IoMService {
    /// A list that is made while it goes out, for who keeps none.
    package func chunks(
        of hash: ObjectHash,
        to writer: ChunkListWriter,
        for caller: IoMSession
    ) async throws -> Bool {
        guard let object = try await object(hash, requester: "chunks", for: caller) else { return false }
        try await writer.write(ChunkList.header(objectByteCount: object.byteCount))
        _ = try await object.makeChunkList { list, new in try await writer.write(list.entries(new)) }
        return true
    }
}

extension ServedObject {
    /// What a range of an object is wanted for, as the node is told.
    package static let rangeRequester = "range"
    private static let pieceByteCount = 1 << 20

    /// Makes the list of its chunks, and passes each time which are new.
    package func makeChunkList(
        _ added: (ChunkList, Range<Int>) async throws -> Void
    ) async throws -> ChunkList {
        var maker = ChunkListMaker(objectByteCount: byteCount)
        for start in stride(from: 0, to: byteCount, by: Self.pieceByteCount) {
            let count = maker.list.count
            let bytes = try read(start..<min(start + Self.pieceByteCount, byteCount))
            guard bytes.withUnsafeBytes({ maker.update($0) }) else { break }
            if maker.list.count > count { try await added(maker.list, count..<maker.list.count) }
            // Others have to get their turn on this thread.
            await Task.yield()
        }
        return maker.list
    }
}
