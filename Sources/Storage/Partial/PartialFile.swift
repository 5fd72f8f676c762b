package import Objects
import Synchronization
package import SystemPackage

/// The bytes of an object that are here before all of them are: a file in `partial/` with holes.
///
/// Beside it lie a map of what is in it and the list of its chunks, as some peer gave it. All three are hints: nothing is
/// synchronised, so after a power cut they may say anything, and what an earlier process wrote is hashed before its use.
package final class PartialFile: Sendable {
    package let hash: ObjectHash
    package let byteCount: Int
    let path: DiskPath
    private let disk: any Disk
    private let incoming: Incoming
    let handle: DiskHandle
    /// The same file for readers, who cannot write through it; nil on a disk whose files have no descriptors.
    package let descriptor: FileDescriptor?

    init(_ hash: ObjectHash, byteCount: Int, on disk: any Disk, _ incoming: Incoming) throws(Errno) {
        (self.hash, self.byteCount, self.disk, self.incoming) = (hash, byteCount, disk, incoming)
        path = PartialStore.path(of: hash)
        handle = try Self.open(path, byteCount, disk)
        do throws(Errno) {
            descriptor = try OpenFile(path, .read, on: disk).descriptor()
        } catch {
            try? disk.close(handle)
            throw error
        }
    }

    deinit {
        try? disk.close(handle)
        try? descriptor?.close()
    }

    /// What is there, if it is of this size, else a new file.
    private static func open(_ path: DiskPath, _ byteCount: Int, _ disk: any Disk) throws(Errno) -> DiskHandle {
        if let status = try disk.status(at: path) {
            // One that was about to become an object can be written no more: it begins anew.
            if status.kind == .file, status.byteCount == byteCount, status.permissions & 0o200 != 0 {
                return try disk.open(path, .update)
            }
            try disk.remove(path)
        }
        let handle = try disk.open(path, .create(permissions: 0o600))
        do throws(Errno) {
            try disk.resize(handle, to: byteCount)
            return handle
        } catch {
            try? disk.close(handle)
            try? disk.remove(path)
            throw error
        }
    }

    /// Writes bytes that were verified, or that will be before their first use.
    package func write(_ bytes: [UInt8], at offset: Int) throws(ObjectError) {
        let result: Result<Void, Errno> = bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                return .success(try disk.write(buffer, to: handle, at: offset))
            } catch {
                return .failure(error)
            }
        }
        do throws(Errno) { try result.get() } catch { throw ObjectError(error, "storing a part of \(hash)") }
    }

    /// The bytes of a range inside the file.
    package func read(_ range: Range<Int>) throws(ObjectError) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            do throws(Errno) {
                count = try disk.read(handle, into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
            } catch {
                failure = error
            }
        }
        if let failure { throw ObjectError(failure, "reading a part of \(hash)") }
        guard bytes.count == range.count else { throw .system(.ioError, "reading a part of \(hash)") }
        return bytes
    }

    /// Passes the bytes of a range, one piece after the other, in a buffer that is used again.
    package func forEachPiece(
        in range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(ObjectError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: OpenFile.pieceByteCount, alignment: 16)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let piece = UnsafeMutableRawBufferPointer(
                rebasing: buffer[..<min(buffer.count, range.upperBound - position)]
            )
            let offset = position
            let count = try ObjectError.from("reading a part of \(hash)") { () throws(Errno) in
                try disk.read(handle, into: piece, at: offset)
            }
            guard count == piece.count else { throw .system(.ioError, "reading a part of \(hash)") }
            body(UnsafeRawBufferPointer(piece))
            position += count
        }
    }

    /// Sets the disk to work on what was written, so that little is left when all is here.
    package func beginWriting(_ range: Range<Int>) { disk.beginWriting(handle, range) }

    // MARK: Hints

    /// What an earlier process says it has written; hash it before use.
    package func map() -> RangeSet<Int> {
        guard let bytes = hint(".map", byteCountMax: Self.mapByteCountMax) else { return RangeSet() }
        return PartialMap(encoded: bytes, objectByteCount: byteCount)?.ranges ?? RangeSet()
    }

    package func saveMap(_ ranges: RangeSet<Int>) {
        save(PartialMap(ranges, objectByteCount: byteCount).encoded, as: ".map")
    }

    /// The list of chunks an earlier process was given.
    package func chunkList() -> ChunkList? {
        hint(".chunks", byteCountMax: ChunkList.encodedByteCountMax(objectByteCount: byteCount))
            .flatMap { ChunkList(encoded: $0, objectByteCount: byteCount) }
    }

    package func saveChunkList(_ list: ChunkList) { save(list.encoded, as: ".chunks") }

    package func removeChunkList() { try? disk.remove(PartialStore.path(of: hash, ".chunks")) }

    private static let mapByteCountMax = 16 << 20

    private func hint(_ suffix: String, byteCountMax: Int) -> [UInt8]? {
        let path = PartialStore.path(of: hash, suffix)
        guard let file = try? OpenFile(path, .read, on: disk), let status = try? file.status(), status.kind == .file,
            status.byteCount <= byteCountMax
        else { return nil }
        return try? file.read(0..<status.byteCount)
    }

    /// Whole, in the old or the new form, unless the power fails; a full disk keeps the old one.
    private func save(_ bytes: [UInt8], as suffix: String) {
        try? incoming.replaceHint(PartialStore.path(of: hash, suffix), with: bytes)
    }
}
