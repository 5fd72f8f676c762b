import Objects
import SystemPackage

extension StagedObject {
    /// Large enough that handing a piece over does not count, small enough for the processor's cache.
    private static let pieceByteCount = 1 << 20

    /// After so many pieces the disk is set to work, so that the barrier at the end has little left to wait for.
    private static let pieceCountPerWriting = 8

    /// Fills a new object from a file: by sharing its blocks where the file system can, else by copying; `.failure` is an
    /// error of the source, one of the store is thrown.
    mutating func fill(
        from source: FileDescriptor,
        _ meter: IntakeMeter
    ) async throws(ObjectError) -> Result<Transfer, Errno> {
        precondition(byteCount == 0, "filled twice")
        guard !store.disk.clone(source, into: file.handle) else {
            try takeFile()
            return .success(.cloned)
        }
        return try await copy(from: source, meter)
    }

    /// Hashes what is in the file already: what is hashed is what is stored, whatever happens to the source meanwhile.
    func takeFile() throws(ObjectError) {
        try ObjectError.from("copying a file into the store") { () throws(Errno) in
            try file.forEachPiece { (piece) throws(Errno) in hash.take(piece) }
        }
    }

    /// Writes a piece and reads the next one while the piece is hashed: those very bytes are what is stored.
    private func copy(
        from source: FileDescriptor,
        _ meter: IntakeMeter
    ) async throws(ObjectError) -> Result<Transfer, Errno> {
        let (hash, disk, handle) = (hash, store.disk, file.handle)
        let pieces = PieceBuffers(byteCount: Self.pieceByteCount)
        source.adviseSequential()
        var (offset, begun, index) = (0, 0, 0)
        var next: Result<Int, Errno> = source.read(into: pieces.first, from: 0)
        while true {
            let count: Int
            switch next {
            case .success(let read): count = read
            case .failure(let error): return .failure(error)
            }
            if count == 0 { return .success(.copied) }
            let (piece, other) = index.isMultiple(of: 2) ? (pieces.first, pieces.second) : (pieces.second, pieces.first)
            // Only read while it is hashed, and it is hashed before this turn ends.
            nonisolated(unsafe) let bytes = UnsafeRawBufferPointer(rebasing: piece[..<count])
            async let hashed: Void = hash.take(bytes)
            let written = Result { () throws(Errno) in try disk.append(bytes, to: handle) }
            (offset, index) = (offset + count, index + 1)
            if case .success = written {
                next = count < piece.count ? .success(0) : source.read(into: other, from: offset)
                if index.isMultiple(of: Self.pieceCountPerWriting) {
                    disk.beginWriting(handle, begun..<offset)
                    begun = offset
                }
            }
            await hashed
            meter.add(bytes: count)
            do throws(Errno) { try written.get() } catch { throw ObjectError(error, "copying a file into the store") }
            if Task.isCancelled { throw .cancelled }
        }
    }
}

/// Two pieces of memory, one to fill while the other is emptied.
private final class PieceBuffers {
    let first: UnsafeMutableRawBufferPointer
    let second: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        first = .allocate(byteCount: byteCount, alignment: 4096)
        second = .allocate(byteCount: byteCount, alignment: 4096)
    }

    deinit {
        first.deallocate()
        second.deallocate()
    }
}
