package import SystemPackage

/// Bytes by hash: the one seam.
///
/// A store, a peer, and a store with peers behind it are all of this shape.
///
/// Bytes that come out are verified against the hash, or against something that was.
package protocol ObjectReader: Sendable {
    /// Size of the object in bytes.
    func byteCount(of hash: ObjectHash) async throws(ObjectError) -> Int
    /// Exactly the bytes of this range, cut at the end of the object; never fewer.
    func read(_ range: Range<Int>, of hash: ObjectHash) async throws(ObjectError) -> [UInt8]
    /// A descriptor of a file with just these bytes, if they are on this disk: the kernel may read it itself.
    /// Never waits for anything but the disk. nil: not here, use `read`.
    func openLocal(_ hash: ObjectHash) throws(ObjectError) -> FileDescriptor?
    /// An object that may be read in parts before all of it is here; nil: only as a whole.
    func arriving(_ hash: ObjectHash) throws(ObjectError) -> (any ArrivingObject)?
    /// Brings what an entry of kind `document` says, of which not all is here.
    func bring(document number: EntryNumber) async throws(ObjectError)
    /// How much is here of an object that is not here as a whole, in bytes; answered from memory.
    func partialByteCount(of hash: ObjectHash) -> Int
}

extension ObjectReader {
    package func openLocal(_ hash: ObjectHash) throws(ObjectError) -> FileDescriptor? { nil }
    package func arriving(_ hash: ObjectHash) throws(ObjectError) -> (any ArrivingObject)? { nil }
    package func partialByteCount(of hash: ObjectHash) -> Int { 0 }
    package func bring(document number: EntryNumber) async throws(ObjectError) { throw .unreachable }

    /// The whole object.
    package func bytes(of hash: ObjectHash) async throws(ObjectError) -> [UInt8] {
        try await read(0..<byteCount(of: hash), of: hash)
    }
}

/// What is on this disk, read without waiting for anything but the disk.
package protocol LocalObjects: Sendable {
    /// The verified bytes of an object; nil if they are not here.
    func localBytes(of hash: ObjectHash) throws(ObjectError) -> [UInt8]?
    /// Size in bytes; nil if the object is not here.
    func localByteCount(of hash: ObjectHash) throws(ObjectError) -> Int?
}
