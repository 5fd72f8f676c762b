package import Objects

/// The answer to an `object-request`, part by part as it arrives; for one reader.
///
/// Ends when every hash is answered.
package struct ObjectStream: AsyncSequence, Sendable {
    package typealias Element = ObjectPart
    package typealias Failure = CallError

    let stream: InboundStream
    let requested: [ObjectHash]
    let peer: String
    let isDeflated: Bool
    /// nil: not counted.
    var transfers: TransferCounters?

    package func makeAsyncIterator() -> Iterator {
        let reader = ObjectRecordReader(requested: requested)
        let inflater = isDeflated ? Inflater() : nil
        return Iterator(stream: stream, reader: reader, inflater: inflater, transfers: transfers)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: InboundStream
        fileprivate let reader: ObjectRecordReader
        /// Gives a piece when the one before was read: however much a chunk inflates to, memory has one piece of it.
        fileprivate let inflater: Inflater?
        fileprivate let transfers: TransferCounters?

        package mutating func next() async throws(CallError) -> ObjectPart? {
            try await next(isolation: #isolation)
        }

        package mutating func next(isolation: isolated (any Actor)?) async throws(CallError) -> ObjectPart? {
            while true {
                if let part = try reader.next() {
                    count(part)
                    return part
                }
                if let piece = try inflated() {
                    reader.push(piece)
                    continue
                }
                switch try await stream.next() {
                case .bytes(let bytes): if let inflater { inflater.push(bytes) } else { reader.push(bytes) }
                case .text: throw .violated("a text where bytes were expected")
                case nil:
                    try reader.finish()
                    return nil
                }
            }
        }

        private func count(_ part: ObjectPart) {
            switch part {
            case .bytes(let bytes): transfers?.add(byteCount: bytes.count, .received)
            case .end: transfers?.addObject(.received)
            case .begin, .missing, .wrong: break
            }
        }

        private func inflated() throws(CallError) -> [UInt8]? {
            do throws(Inflater.Damage) { return try inflater?.next() } catch {
                throw .violated("a compressed answer that does not inflate")
            }
        }
    }
}

/// An object as a whole, verified.
package enum FetchedObject: Hashable, Sendable {
    case missing(ObjectHash)
    case object(ObjectHash, kind: ObjectKind, bytes: [UInt8])
}

/// The answer to an `object-request`, object by object; for objects of up to `byteCountMax` bytes.
package struct FetchedObjects: AsyncSequence, Sendable {
    package typealias Element = FetchedObject
    package typealias Failure = CallError

    /// Larger objects are to be read in parts.
    package static let byteCountMax = 64 << 20

    let parts: ObjectStream

    package func makeAsyncIterator() -> Iterator { Iterator(parts: parts.makeAsyncIterator(), peer: parts.peer) }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var parts: ObjectStream.Iterator
        fileprivate let peer: String

        package mutating func next() async throws(CallError) -> FetchedObject? {
            try await next(isolation: #isolation)
        }

        package mutating func next(isolation: isolated (any Actor)?) async throws(CallError) -> FetchedObject? {
            var kind = ObjectKind.blob
            var bytes: [UInt8] = []
            while let part = try await parts.next() {
                switch part {
                case .missing(let hash): return .missing(hash)
                case .begin(_, let begun, let byteCount):
                    guard byteCount <= FetchedObjects.byteCountMax else {
                        throw .violated("an object too large to be taken whole")
                    }
                    kind = begun
                    // What is announced is not believed before it comes.
                    bytes.reserveCapacity(Swift.min(byteCount, 1 << 20))
                case .bytes(let piece): bytes += piece
                case .end(let hash): return .object(hash, kind: kind, bytes: bytes)
                case .wrong(let hash): throw .wrongBytes(of: hash, from: peer)
                }
            }
            return nil
        }
    }
}

/// The bytes of a range as they arrive; not verified.
///
/// Ends when all have come.
package struct ByteStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = CallError

    let stream: InboundStream
    let byteCountMax: Int
    /// nil: not counted.
    var transfers: TransferCounters?

    package func makeAsyncIterator() -> Iterator {
        Iterator(stream: stream, byteCountLeft: byteCountMax, transfers: transfers)
    }

    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: InboundStream
        fileprivate var byteCountLeft: Int
        fileprivate let transfers: TransferCounters?

        package mutating func next() async throws(CallError) -> [UInt8]? { try await next(isolation: #isolation) }

        package mutating func next(isolation: isolated (any Actor)?) async throws(CallError) -> [UInt8]? {
            switch try await stream.next() {
            case .bytes(let bytes) where bytes.count <= byteCountLeft:
                byteCountLeft -= bytes.count
                transfers?.add(byteCount: bytes.count, .received)
                return bytes
            case .bytes, .text: throw .violated("more or other bytes than asked for")
            case nil: return nil
            }
        }
    }
}
