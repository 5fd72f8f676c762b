import CLinux
import Glibc
import SystemPackage

/// What a program without IoM does with files.
enum PlainFile {
    /// As `cat` reads and `cp` copies.
    static let pieceByteCount = 128 << 10

    /// A whole file in memory.
    static func bytes(of path: FilePath) throws -> [UInt8] {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        let size = Int(try file.seek(offset: 0, from: .end))
        return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            while count < size {
                let read = try file.read(
                    fromAbsoluteOffset: Int64(count),
                    into: UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
                )
                if read == 0 { break }
                count += read
            }
        }
    }

    /// Reads a file to its end; returns how many bytes it has.
    @discardableResult
    static func read(_ path: FilePath) throws -> Int {
        var count = 0
        try forEachPiece(of: path) { count += $0.count }
        return count
    }

    static func forEachPiece(of path: FilePath, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        try withUnsafeTemporaryAllocation(byteCount: pieceByteCount, alignment: 16) { buffer in
            while case let count = try file.read(into: buffer), count > 0 {
                try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws { try write([bytes], to: path) }

    /// Writes what comes piece by piece.
    static func write(_ pieces: some Sequence<[UInt8]>, to path: FilePath) throws {
        let file = try create(path)
        defer { try? file.close() }
        for piece in pieces { try file.writeAll(piece) }
    }

    /// Copies piece by piece, without sharing blocks; durable on return if asked for.
    static func copy(_ source: FilePath, to path: FilePath, isDurable: Bool = false) throws {
        let file = try create(path)
        defer { try? file.close() }
        try forEachPiece(of: source) { try file.writeAll($0) }
        if isDurable, fsync(file.rawValue) != 0 { throw Errno(rawValue: errno) }
    }

    private static func create(_ path: FilePath) throws -> FileDescriptor {
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec]
        return try FileDescriptor.open(path, .writeOnly, options: options, permissions: [.ownerReadWrite])
    }

    /// Makes everything on the directory's file system durable (syncfs(2)).
    static func synchronize(_ directory: FilePath) throws {
        let descriptor = try FileDescriptor.open(directory, .readOnly, options: [.directory, .closeOnExec])
        defer { try? descriptor.close() }
        guard syncfs(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes the kernel forget what it has of a file in memory (posix_fadvise(2)); what is not on disk yet, stays.
    static func dropCache(of path: FilePath) throws {
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        let result = posix_fadvise(file.rawValue, 0, 0, POSIX_FADV_DONTNEED)
        guard result == 0 else { throw Errno(rawValue: result) }
    }

    static func exists(_ path: FilePath) -> Bool { path.withPlatformString { access($0, F_OK) == 0 } }

    static func makeDirectory(_ path: FilePath) throws {
        guard path.withPlatformString({ mkdir($0, 0o700) }) == 0 || errno == EEXIST else {
            throw Errno(rawValue: errno)
        }
    }
}

extension FileDescriptor {
    /// Fills a buffer from a place in a file that has so many bytes.
    func readAll(fromOffset offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        var count = 0
        while count < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let read = try read(fromAbsoluteOffset: Int64(offset + count), into: rest)
            guard read > 0 else { throw PeerFailure("the file is shorter than it was") }
            count += read
        }
    }
}
