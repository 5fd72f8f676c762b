package import Objects

/// Objects in memory: the simplest reader there is.
package struct MemoryObjectReader: ObjectReader, LocalObjects {
    package private(set) var objects: [ObjectHash: [UInt8]] = [:]

    package init(_ objects: [[UInt8]] = []) {
        for bytes in objects { add(bytes) }
    }

    @discardableResult
    package mutating func add(_ bytes: [UInt8]) -> ObjectHash {
        let hash = ObjectHash(of: bytes)
        objects[hash] = bytes
        return hash
    }

    package func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int {
        guard let bytes = objects[hash] else { throw .unknown }
        return bytes.count
    }

    package func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        guard let bytes = objects[hash] else { throw .unknown }
        return Array(bytes[range.clamped(to: bytes.indices)])
    }

    package func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]? { objects[hash] }

    package func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int? { objects[hash]?.count }
}
