package import Objects

/// A part of an answer to `object-request`.
///
/// An object is `begin`, its `bytes` in order, `end`; what is between may be used only after `end`, which comes when
/// its hash was found right, and not after `wrong`. The kind is the sender's word.
package enum ObjectPart: Hashable, Sendable {
    case missing(ObjectHash)
    case begin(ObjectHash, kind: ObjectKind, byteCount: Int)
    case bytes([UInt8])
    case end(ObjectHash)
    /// The bytes are not those of this hash; what follows may be right.
    case wrong(ObjectHash)
}

/// The wire form of an object: hash(32), kind(1; 255: missing), count of bytes (8, big endian), bytes.
enum ObjectRecord {
    static let headerByteCount = 41
    static let missingKind: UInt8 = 255
    /// The size of an object is believed up to here; more is nonsense.
    static let byteCountMax = 1 << 42

    static func header(_ hash: ObjectHash, kind: UInt8, byteCount: Int) -> [UInt8] {
        hash.bytes + [kind] + (0..<8).map { UInt8(truncatingIfNeeded: byteCount >> (56 - 8 * $0)) }
    }
}

/// Reads the records of an answer from its chunks, however they are cut, and verifies every object.
///
/// Each requested hash is answered once; nothing else is taken.
final class ObjectRecordReader {
    private var open: Set<ObjectHash>
    private var header: [UInt8] = []
    private var current: (hash: ObjectHash, byteCountLeft: Int)?
    private var hasher = Hashing()
    private var chunk: ArraySlice<UInt8> = []

    /// `SHA256` is used once; here one object follows the other.
    private struct Hashing: ~Copyable {
        var hasher: SHA256? = nil
    }

    init(requested: [ObjectHash]) { open = Set(requested) }

    /// Adds the next chunk; the one before must have been read up.
    func push(_ bytes: [UInt8]) { chunk = chunk.isEmpty ? bytes[...] : chunk + bytes }

    /// The next part; nil when the chunk is used up.
    func next() throws(CallError) -> ObjectPart? {
        guard let (hash, byteCountLeft) = current else { return try begin() }
        guard byteCountLeft > 0 else { return end(hash) }
        guard !chunk.isEmpty else { return nil }
        let bytes = Array(chunk.prefix(byteCountLeft))
        chunk = chunk.dropFirst(bytes.count)
        current = (hash, byteCountLeft - bytes.count)
        hasher.hasher?.update(bytes)
        return .bytes(bytes)
    }

    /// The answer is over: it must be complete.
    func finish() throws(CallError) {
        guard current == nil, header.isEmpty, open.isEmpty else { throw .violated("the answer is cut") }
    }

    private func begin() throws(CallError) -> ObjectPart? {
        let piece = chunk.prefix(ObjectRecord.headerByteCount - header.count)
        header += piece
        chunk = chunk.dropFirst(piece.count)
        guard header.count == ObjectRecord.headerByteCount, let hash = ObjectHash(bytes: header[..<32]) else {
            return nil
        }
        let kind = header[32]
        let byteCount = header[33...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        header = []
        guard open.remove(hash) != nil else { throw .violated("an object that was not asked for") }
        if kind == ObjectRecord.missingKind, byteCount == 0 { return .missing(hash) }
        guard let kind = ObjectKind(rawValue: kind), byteCount <= UInt64(ObjectRecord.byteCountMax) else {
            throw .violated("an object record that is not one")
        }
        current = (hash, Int(byteCount))
        hasher.hasher = SHA256()
        return .begin(hash, kind: kind, byteCount: Int(byteCount))
    }

    private func end(_ hash: ObjectHash) -> ObjectPart {
        current = nil
        guard let hasher = hasher.hasher.take(), hasher.finish() == hash else { return .wrong(hash) }
        return .end(hash)
    }
}
