package import Objects

/// Numbers of the services of group `iom` (design 6).
package enum ServiceNumber {
    package static let hello = 32
    package static let objectRequest = 33
    package static let rangeRequest = 34
    package static let chunks = 35
    package static let feed = 36
    package static let have = 37
    package static let status = 39
    package static let affirm = 40
    package static let outline = 41
    package static let day = 42
}

/// What a node answers its own peers.
///
/// Called for many requests at the same time; a request that is aborted is cancelled.
package protocol IoMService: Sendable {
    /// Where it is counted what goes to an instance and comes from it.
    func transfers(with member: Member) -> TransferCounters
    /// Takes what the other side says of itself and answers with the same of this side.
    func hello(_ theirs: Hello, from caller: IoMSession) async throws(CallFailure) -> Hello
    /// An object whose bytes are here and verified; nil if it is not. `requester` is what the caller wants it for.
    func object(
        _ hash: ObjectHash,
        requester: String,
        for caller: IoMSession
    ) async throws(CallFailure) -> ServedObject?
    /// Brings those of these objects that are not here and that only this instance can get: who asks for them can then
    /// be given them. Returns when they are here, or did not come.
    func bring(_ hashes: [ObjectHash], for caller: IoMSession) async
    /// Writes the list of an object's chunks, from its header on; false if the object is not here.
    func chunks(of hash: ObjectHash, to writer: ChunkListWriter, for caller: IoMSession) async throws -> Bool
    /// Sizes of those of these objects that are here, in bytes.
    func held(_ hashes: [ObjectHash], for caller: IoMSession) async throws(CallFailure) -> [ObjectHash: Int]
    /// Says whether this instance keeps everything, and if so proves for each of these objects that its bytes are here.
    ///
    /// Who keeps everything vouches by that: others drop their bytes on its word.
    func prove(
        _ hashes: [ObjectHash],
        nonce: Nonce,
        to writer: inout PossessionWriter,
        for caller: IoMSession
    ) async throws
    /// Writes the changes after this number in batches of at most `limit`, registrations first, and goes on with new
    /// ones as they come until it is cancelled.
    func feed(
        after sequence: Int64,
        limit: Int,
        to writer: FeedWriter,
        for caller: IoMSession
    ) async throws
    /// Writes the tree after these numbers of the feed and of the outline, and of the feed what an instance without
    /// details needs, and goes on with what changes until it is cancelled.
    func outline(
        after feed: Int64,
        _ outline: Int64,
        to writer: OutlineWriter,
        for caller: IoMSession
    ) async throws
    /// Writes what was posted to a conversation on one day, after this place in it.
    func posted(
        on day: Int,
        in topic: String,
        after place: Int64,
        to writer: OutlineWriter,
        for caller: IoMSession
    ) async throws
    /// The status of this instance as JSON.
    func status(for caller: IoMSession) async throws(CallFailure) -> String
    /// A signature of the owner for a CreationTime written by the caller; only a custodian has one to give.
    func affirm(_ hash: ObjectHash, for caller: IoMSession) async throws(CallFailure) -> AffirmationProof
}

extension IoMService {
    package func transfers(with member: Member) -> TransferCounters { TransferCounters() }

    /// For who can get nothing that its peers cannot.
    package func bring(_ hashes: [ObjectHash], for caller: IoMSession) async {}
}

/// An object to be sent: its bytes are read in pieces while it goes out.
package struct ServedObject: Sendable {
    package let kind: ObjectKind
    package let byteCount: Int
    /// Exactly the bytes of a range inside the object.
    package let read: @Sendable (Range<Int>) throws(ObjectError) -> [UInt8]

    package init(
        kind: ObjectKind,
        byteCount: Int,
        read: @escaping @Sendable (Range<Int>) throws(ObjectError) -> [UInt8]
    ) {
        (self.kind, self.byteCount, self.read) = (kind, byteCount, read)
    }
}

/// What a custodian gives for an `affirm`: the microdata of the three objects (one-protocol 5.4).
package struct AffirmationProof: Hashable, Sendable {
    package var certificate: [UInt8]
    package var signature: [UInt8]
    package var license: [UInt8]

    package init(certificate: [UInt8], signature: [UInt8], license: [UInt8]) {
        (self.certificate, self.signature, self.license) = (certificate, signature, license)
    }
}

/// Where a feed is written to.
package struct FeedWriter: Sendable {
    let stream: StreamWriter

    /// Sends a batch; waits until the reader takes it.
    package func send(_ batch: FeedBatch) async throws(CallError) {
        let lines = batch.proofs.map(ChangeLine.proof) + batch.changes.map(ChangeLine.change)
        try await stream.write(lines: lines.lazy.map(\.text))
    }
}
