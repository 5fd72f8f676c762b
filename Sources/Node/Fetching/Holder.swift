package import Objects
package import Peers

/// An instance that may be asked for bytes.
///
/// What it gives is not trusted until it is hashed.
package struct Holder: Sendable {
    package let name: String
    /// Asks for an object; its bytes then come in pieces.
    let open: @Sendable (ObjectHash) async throws(ObjectError) -> any PieceReader

    /// Any reader, read in pieces.
    package init(name: String, reader: any ObjectReader) {
        self.name = name
        open = { hash throws(ObjectError) in RangePieces(reader: reader, hash: hash) }
    }

    /// An own peer, which sends an object in one stream.
    package init(name: String, client: IoMClient, requester: String) {
        self.name = name
        open = { hash throws(ObjectError) in
            do throws(CallError) {
                let parts = try await client.objectParts([hash], requester: requester)
                return PartPieces(parts: parts.makeAsyncIterator(), peer: name)
            } catch {
                throw ObjectError(error, peer: name)
            }
        }
    }
}

/// The bytes of one object, piece after piece; nil after the last.
///
/// Used by one task.
package protocol PieceReader: AnyObject {
    func next() async throws(ObjectError) -> [UInt8]?
}

/// Pieces of an object that any reader gives.
private final class RangePieces: PieceReader {
    private static let pieceByteCount = 1 << 20

    private let reader: any ObjectReader
    private let hash: ObjectHash
    private var offset = 0

    init(reader: any ObjectReader, hash: ObjectHash) { (self.reader, self.hash) = (reader, hash) }

    func next() async throws(ObjectError) -> [UInt8]? {
        let piece = try await reader.read(offset..<offset + Self.pieceByteCount, of: hash)
        offset += piece.count
        return piece.isEmpty ? nil : piece
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
            case .begin, .end: continue
            case nil: return nil
            }
        }
    }
}
