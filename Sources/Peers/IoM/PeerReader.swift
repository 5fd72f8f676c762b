package import Objects

/// The objects of one own peer, by hash.
///
/// Every byte is verified: a range is cut out of an object that was hashed whole, of which no more than the range is
/// kept.
package struct PeerReader: ObjectReader {
    private let client: IoMClient

    package init(_ client: IoMClient) { self.client = client }

    package func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        let sizes = try await asking { () async throws(CallError) in try await client.have([hash]) }
        guard let byteCount = sizes[hash] else { throw .unknown }
        return byteCount
    }

    package func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        try await asking { () async throws(CallError) in try await verified(range, of: hash) }
    }

    private func verified(_ range: Range<Int>, of hash: ObjectHash) async throws(CallError) -> [UInt8] {
        var parts = try await client.objectParts([hash], requester: "read").makeAsyncIterator()
        var position = 0
        var bytes: [UInt8] = []
        while let part = try await parts.next() {
            switch part {
            case .missing: throw .missing(hash)
            case .begin: break
            case .bytes(let piece):
                let wanted = range.clamped(to: position..<position + piece.count)
                if !wanted.isEmpty { bytes += piece[wanted.lowerBound - position..<wanted.upperBound - position] }
                position += piece.count
            case .end: return bytes
            case .wrong: throw .wrongBytes(of: hash, from: client.peer)
            }
        }
        throw .violated("the answer is cut")
    }

    private func asking<Result>(
        _ body: () async throws(CallError) -> Result
    ) async throws(ObjectError) -> Result {
        do throws(CallError) { return try await body() } catch { throw ObjectError(error, peer: client.peer) }
    }
}
