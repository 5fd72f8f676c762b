package import Objects

/// The services of an own peer, typed (design 6).
///
/// Many calls may run at once; they share one connection.
package struct IoMClient: Sendable {
    /// Hashes one request may have; more are to be asked for in several.
    package static let hashCountMax = 1000
    /// Largest limit of a feed.
    package static let feedLimitMax = 10_000

    let calls: Calls
    /// The name of the other side, for errors.
    package let peer: String
    let features: SharedFeatures
    let transfers: TransferCounters

    package func hello(_ own: Hello) async throws(CallError) -> Hello {
        let answer = try await calls.call(ServiceNumber.hello, [.string(JSONText.encode(own))])
        guard let text = answer.string, let hello = JSONText.decode(Hello.self, from: text) else {
            throw .violated("a hello that is not one")
        }
        features.agree(own.features, hello.features)
        return hello
    }

    /// Many objects in one round trip, in parts, in any order.
    ///
    /// 1 to `hashCountMax` different hashes. Many are compressed on their way, if both sides offer that.
    package func objectParts(
        _ hashes: [ObjectHash],
        requester: String,
        priority: CallPriority = .reader
    ) async throws(CallError) -> ObjectStream {
        let isDeflated = hashes.count >= Compression.objectCountMin && features.contains(Compression.feature)
        var arguments: [JSONValue] = [.array(hashes.map { .string($0.hex) }), .string(requester)]
        if isDeflated { arguments.append(.string(Compression.feature)) }
        let stream = try await calls.stream(ServiceNumber.objectRequest, arguments, priority: priority)
        return ObjectStream(stream: stream, requested: hashes, peer: peer, isDeflated: isDeflated, transfers: transfers)
    }

    /// The same with whole objects.
    package func objects(
        _ hashes: [ObjectHash],
        requester: String,
        priority: CallPriority = .reader
    ) async throws(CallError) -> FetchedObjects {
        FetchedObjects(parts: try await objectParts(hashes, requester: requester, priority: priority))
    }

    /// The bytes of a range, cut at the end of the object; not verified.
    package func range(
        _ range: Range<Int>,
        of hash: ObjectHash,
        priority: CallPriority = .reader
    ) async throws(CallError) -> ByteStream {
        let byteCount = min(range.count, ObjectRecord.byteCountMax)
        let arguments: [JSONValue] = [
            .string(hash.hex), .number(Double(range.lowerBound)), .number(Double(byteCount)),
        ]
        let stream = try await calls.stream(ServiceNumber.rangeRequest, arguments, priority: priority)
        return ByteStream(stream: stream, byteCountMax: byteCount, transfers: transfers)
    }

    /// What the other side has come to know after this number, and then what it comes to know.
    package func feed(after sequence: Int64, limit: Int) async throws(CallError) -> FeedStream {
        let arguments: [JSONValue] = [.number(Double(sequence)), .number(Double(limit))]
        return FeedStream(stream: try await calls.stream(ServiceNumber.feed, arguments, priority: .background))
    }

    /// Sizes in bytes of those of these objects that the other side holds.
    package func have(_ hashes: [ObjectHash]) async throws(CallError) -> [ObjectHash: Int] {
        let answer = try await calls.call(ServiceNumber.have, [.array(hashes.map { .string($0.hex) })])
        guard let items = answer.array, items.count == hashes.count else { throw .violated("not an answer to have") }
        var held: [ObjectHash: Int] = [:]
        for (hash, item) in zip(hashes, items) where item != .null {
            guard let byteCount = item.integer, byteCount >= 0 else { throw .violated("not an answer to have") }
            held[hash] = byteCount
        }
        return held
    }

    /// JSON, as the other side's node writes it.
    package func status() async throws(CallError) -> String {
        guard let text = try await calls.call(ServiceNumber.status, []).string else {
            throw .violated("a status that is not one")
        }
        return text
    }

    /// The owner's signature for a CreationTime this side has written.
    package func affirm(_ hash: ObjectHash) async throws(CallError) -> AffirmationProof {
        let answer = try await calls.call(ServiceNumber.affirm, [.string(hash.hex)])
        guard let certificate = answer["certificate"]?.string, let signature = answer["signature"]?.string,
            let license = answer["license"]?.string
        else { throw .violated("an affirmation that is not one") }
        return AffirmationProof(
            certificate: Array(certificate.utf8),
            signature: Array(signature.utf8),
            license: Array(license.utf8)
        )
    }
}
