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
    let file: OpenFile
    private let written: WrittenBytes
    /// The same file for readers, who cannot write through it; nil on a disk whose files have no descriptors.
    package let descriptor: FileDescriptor?

    init(
        _ hash: ObjectHash,
        byteCount: Int,
        on disk: any Disk,
        _ incoming: Incoming,
        written: WrittenBytes
    ) throws(Errno) {
        (self.hash, self.byteCount, self.disk, self.incoming) = (hash, byteCount, disk, incoming)
        self.written = written
        path = PartialStore.path(of: hash)
        file = try Self.open(path, byteCount, disk)
        descriptor = try OpenFile(path, .read, on: disk).descriptor()
    }

    deinit { try? descriptor?.close() }

    /// What is there, if it is of this size, else a new file.
    private static func open(_ path: DiskPath, _ byteCount: Int, _ disk: any Disk) throws(Errno) -> OpenFile {
        if let status = try disk.status(at: path) {
            // One that was about to become an object can be written no more: it begins anew.
            if status.kind == .file, status.byteCount == byteCount, status.permissions & 0o200 != 0 {
                return try OpenFile(path, .update, on: disk)
            }
            try disk.remove(path)
        }
        let file = try OpenFile(path, .create(permissions: 0o600), on: disk)
        do throws(Errno) {
            try file.resize(to: byteCount)
        } catch {
            try? disk.remove(path)
            throw error
        }
        return file
    }

    /// Writes bytes that were verified, or that will be before their first use.
    package func write(_ bytes: [UInt8], at offset: Int) throws(ObjectError) {
        try ObjectError.from("storing a part of \(hash)") { () throws(Errno) in try file.write(bytes, at: offset) }
        written.add(Allocation.byteCount(of: bytes.count))
    }

    /// The bytes of a range inside the file.
    package func read(_ range: Range<Int>) throws(ObjectError) -> [UInt8] {
        let bytes = try ObjectError.from("reading a part of \(hash)") { () throws(Errno) in try file.read(range) }
        guard bytes.count == range.count else { throw .system(.ioError, "reading a part of \(hash)") }
        return bytes
    }

    /// Passes the bytes of a range, one piece after the other, in a buffer that is used again.
    package func forEachPiece(
        in range: Range<Int>,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(ObjectError) {
        var byteCount = 0
        try ObjectError.from("reading a part of \(hash)") { () throws(Errno) in
            try file.forEachPiece(in: range) { piece in
                byteCount += piece.count
                body(piece)
            }
        }
        guard byteCount == range.count else { throw .system(.ioError, "reading a part of \(hash)") }
    }

    /// Sets the disk to work on what was written, so that little is left when all is here.
    package func beginWriting(_ range: Range<Int>) { disk.beginWriting(file.handle, range) }

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
        written.add(Allocation.byteCount(of: bytes.count))
    }
}
