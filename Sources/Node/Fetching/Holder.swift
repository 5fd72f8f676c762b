package import Objects
package import Peers

/// An instance that may be asked for bytes.
///
/// What it gives is not trusted until it is hashed.
package struct Holder: Sendable {
    /// Tells one connection from another, also with the same instance.
    enum Key: Hashable, Sendable {
        case name(String)
        case session(ObjectIdentifier)
    }

    package let name: String
    let key: Key
    /// Asks for objects of up to `Fetcher.memoryByteCountMax` bytes, 1 to `Gathering.itemCountMax` of them.
    let ask: @Sendable ([ObjectHash], CallPriority) async throws(ObjectError) -> any AnswerReader
    /// Asks for one object; its bytes then come in pieces, not verified.
    let open: @Sendable (ObjectHash, CallPriority) async throws(ObjectError) -> any PieceReader
    /// Asks for a range of an object; its bytes then come in pieces, not verified.
    let openRange: @Sendable (ObjectHash, Range<Int>, CallPriority) async throws(ObjectError) -> any PieceReader
    /// Asks for the list of chunks of an object of this size; its encoding then comes in pieces.
    let openChunks: @Sendable (ObjectHash, Int) async throws(ObjectError) -> any PieceReader
    /// Whether parts can be asked for; if not, a large object comes as a whole.
    var givesRanges = true
}

extension Holder {
    /// Any reader, read in pieces.
    package init(name: String, reader: any ObjectReader) {
        self.init(
            name: name,
            key: .name(name),
            ask: { hashes, _ throws(ObjectError) in ReaderAnswers(reader: reader, hashes: hashes[...], peer: name) },
            open: { hash, _ throws(ObjectError) in RangePieces(reader: reader, hash: hash, range: 0..<Int.max) },
            openRange: { hash, range, _ throws(ObjectError) in RangePieces(reader: reader, hash: hash, range: range) },
            openChunks: { hash, _ throws(ObjectError) in
                let bytes = try await reader.bytes(of: hash)
                var maker = ChunkListMaker(objectByteCount: bytes.count)
                bytes.withUnsafeBytes { _ = maker.update($0) }
                return ListPieces(maker.list)
            }
        )
    }

    /// An own peer, which sends objects in one stream.
    package init(_ session: IoMSession, requester: String) {
        let name = session.member.name
        let parts = { @Sendable (hashes: [ObjectHash], priority: CallPriority) async throws(ObjectError) in
            do throws(CallError) {
                let parts = try await session.client.objectParts(hashes, requester: requester, priority: priority)
                return parts.makeAsyncIterator()
            } catch {
                throw ObjectError(error, peer: name)
            }
        }
        let bytes = {
            @Sendable
            (
                _ ask: @Sendable () async throws(CallError) -> ByteStream
            ) async throws(ObjectError) -> StreamPieces in
            do throws(CallError) {
                return StreamPieces(bytes: try await ask().makeAsyncIterator(), peer: name)
            } catch {
                throw ObjectError(error, peer: name)
            }
        }
        self.init(
            name: name,
            key: .session(ObjectIdentifier(session)),
            ask: { hashes, priority throws(ObjectError) in
                PartAnswers(parts: try await parts(hashes, priority), peer: name)
            },
            open: { hash, priority throws(ObjectError) in
                PartPieces(parts: try await parts([hash], priority), peer: name)
            },
            openRange: { hash, range, priority throws(ObjectError) in
                try await bytes { () async throws(CallError) in
                    try await session.client.range(range, of: hash, priority: priority)
                }
            },
            openChunks: { hash, byteCount throws(ObjectError) in
                try await bytes { () async throws(CallError) in
                    try await session.client.chunks(of: hash, objectByteCount: byteCount)
                }
            }
        )
    }
}

/// What a holder says to a request for several objects.
enum HolderAnswer {
    /// All its bytes, verified.
    case object(ObjectHash, [UInt8])
    case failed(ObjectHash, ObjectError)
    /// Something has come that is no whole object yet.
    case progress
}

/// The answers to a request as they come, each object once; nil after the last.
///
/// It may end before everything is answered: the rest is to be asked for again. Used by one task.
protocol AnswerReader: AnyObject {
    func next() async throws(ObjectError) -> HolderAnswer?
}

/// The bytes of one object, piece after piece; nil after the last.
///
/// Used by one task.
protocol PieceReader: AnyObject {
    func next() async throws(ObjectError) -> [UInt8]?
}

/// Objects that any reader gives, one after the other.
private final class ReaderAnswers: AnswerReader {
    private let reader: any ObjectReader
    private var hashes: ArraySlice<ObjectHash>
    private let peer: String

    init(reader: any ObjectReader, hashes: ArraySlice<ObjectHash>, peer: String) {
        (self.reader, self.hashes, self.peer) = (reader, hashes, peer)
    }

    func next() async throws(ObjectError) -> HolderAnswer? {
        guard let hash = hashes.popFirst() else { return nil }
        do throws(ObjectError) {
            // One byte more than it may have.
            let bytes = try await reader.read(0..<Fetcher.memoryByteCountMax + 1, of: hash)
            guard bytes.count <= Fetcher.memoryByteCountMax, ObjectHash(of: bytes) == hash else {
                return .failed(hash, .damaged(by: peer))
            }
            return .object(hash, bytes)
        } catch .cancelled {
            throw .cancelled
        } catch {
            return .failed(hash, error)
        }
    }
}

/// Pieces of an object that any reader gives.
private final class RangePieces: PieceReader {
    private static let pieceByteCount = 1 << 20

    private let reader: any ObjectReader
    private let hash: ObjectHash
    private var range: Range<Int>

    init(reader: any ObjectReader, hash: ObjectHash, range: Range<Int>) {
        (self.reader, self.hash, self.range) = (reader, hash, range)
    }

    func next() async throws(ObjectError) -> [UInt8]? {
        guard !range.isEmpty else { return nil }
        let piece = try await reader.read(range.prefix(Self.pieceByteCount), of: hash)
        range = range.dropFirst(piece.count)
        return piece.isEmpty ? nil : piece
    }
}

/// An encoded list in one piece.
private final class ListPieces: PieceReader {
    private var bytes: [UInt8]?

    init(_ list: ChunkList) { bytes = list.encoded }

    func next() async throws(ObjectError) -> [UInt8]? { bytes.take() }
}

/// Pieces of a range or of a list as a peer sends them.
private final class StreamPieces: PieceReader {
    private var bytes: ByteStream.Iterator
    private let peer: String

    init(bytes: ByteStream.Iterator, peer: String) { (self.bytes, self.peer) = (bytes, peer) }

    func next() async throws(ObjectError) -> [UInt8]? {
        do throws(CallError) { return try await bytes.next() } catch { throw ObjectError(error, peer: peer) }
    }
}

/// Objects as a peer sends them.
private final class PartAnswers: AnswerReader {
    private var parts: ObjectStream.Iterator
    private let peer: String
    private var bytes: [UInt8] = []
    private var isCutShort = false

    init(parts: ObjectStream.Iterator, peer: String) { (self.parts, self.peer) = (parts, peer) }

    func next() async throws(ObjectError) -> HolderAnswer? {
        guard !isCutShort else { return nil }
        let part: ObjectPart?
        do throws(CallError) { part = try await parts.next() } catch { throw ObjectError(error, peer: peer) }
        switch part {
        case .missing(let hash): return .failed(hash, .unreachable)
        case .begin(let hash, _, let byteCount):
            // Not the size that is known: it may be what somebody else said wrongly, and no fault of this holder.
            guard byteCount <= Fetcher.memoryByteCountMax else {
                isCutShort = true
                return .failed(hash, .damaged(by: peer))
            }
            bytes = []
            bytes.reserveCapacity(byteCount)
            return .progress
        case .bytes(let piece):
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
            return .progress
        case .end(let hash):
            defer { bytes = [] }
            return .object(hash, bytes)
        case .wrong(let hash): return .failed(hash, .damaged(by: peer))
        case nil: return nil
        }
    }
}

/// Pieces of an object as a peer sends them.
private final class PartPieces: PieceReader {
    private var parts: ObjectStream.Iterator
    private let peer: String

    init(parts: ObjectStream.Iterator, peer: String) { (self.parts, self.peer) = (parts, peer) }

    func next() async throws(ObjectError) -> [UInt8]? {
        while true {
            let part: ObjectPart?
            do throws(CallError) { part = try await parts.next() } catch { throw ObjectError(error, peer: peer) }
            switch part {
            case .bytes(let bytes): return bytes
            case .missing: throw .unreachable
            case .wrong: throw .damaged(by: peer)
            case .begin, .end: continue
            case nil: return nil
            }
        }
    }
}
