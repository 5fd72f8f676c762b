package import Objects
package import SystemPackage

/// An open file of a disk; closed when it goes.
package struct OpenFile: ~Copyable {
    private let disk: any Disk
    package let handle: DiskHandle
    private var isClosed = false

    package init(_ path: DiskPath, _ access: DiskAccess, on disk: any Disk) throws(Errno) {
        self.disk = disk
        handle = try disk.open(path, access)
    }

    deinit {
        // Whoever minds an error of closing calls `close`.
        if !isClosed { try? disk.close(handle) }
    }

    /// Closes and reports what only shows then; the second time does nothing.
    package mutating func close() throws(Errno) {
        guard !isClosed else { return }
        isClosed = true
        try disk.close(handle)
    }

    /// The file as a descriptor that the caller closes; nil, and closed, on a disk whose files have none.
    package consuming func descriptor() -> FileDescriptor? {
        guard let descriptor = disk.descriptor(of: handle) else { return nil }
        isClosed = true
        return descriptor
    }

    package func status() throws(Errno) -> DiskStatus { try disk.status(of: handle) }

    package func synchronize() throws(Errno) { try disk.synchronize(handle) }

    package func append(_ bytes: some ContiguousBytes) throws(Errno) {
        let result: Result<Void, Errno> = bytes.withUnsafeBytes { buffer in
            do throws(Errno) { return .success(try disk.append(buffer, to: handle)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Writes from this offset on.
    package func write(_ bytes: some ContiguousBytes, at offset: Int) throws(Errno) {
        let result: Result<Void, Errno> = bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                return .success(try disk.write(buffer, to: handle, at: offset))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    package func resize(to byteCount: Int) throws(Errno) { try disk.resize(handle, to: byteCount) }

    package func setPermissions(_ permissions: UInt32) throws(Errno) {
        try disk.setPermissions(permissions, of: handle)
    }

    /// The bytes of this range, fewer only at the end of the file.
    package func read(_ range: Range<Int>) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            do throws(Errno) {
                count = try disk.read(handle, into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// The hash of all bytes, read in pieces.
    package func hash() throws(Errno) -> ObjectHash {
        var hasher = SHA256()
        try forEachPiece { (piece) throws(Errno) in hasher.update(piece) }
        return hasher.finish()
    }

    /// Passes the bytes of this range, one piece after the other, in a buffer that is used again.
    ///
    /// Fewer only at the end of the file.
    package func forEachPiece(
        in range: Range<Int> = 0..<Int.max,
        _ body: (UnsafeRawBufferPointer) throws(Errno) -> Void
    ) throws(Errno) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceByteCount, alignment: 16)
        defer { buffer.deallocate() }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let place = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, range.upperBound - offset)])
            let count = try disk.read(handle, into: place, at: offset)
            if count > 0 { try body(UnsafeRawBufferPointer(rebasing: place[..<count])) }
            if count < place.count { return }
            offset += count
        }
    }

    /// Large enough that system calls do not count, small enough for the processor's cache.
    package static let pieceByteCount = 256 * 1024
}
