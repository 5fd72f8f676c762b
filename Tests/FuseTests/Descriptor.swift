import Glibc
import SystemPackage

/// System calls of tests, each on a thread of its own, with the errno they gave.
extension Shell {
    /// Opens a file and reads once: the bytes, or the errno of whichever failed.
    static func read(_ path: FilePath, byteCount: Int = 1 << 20) async -> Result<[UInt8], Errno> {
        await onThread {
            do {
                let file = try FileDescriptor.open(path, .readOnly, retryOnInterrupt: false)
                defer { try? file.close() }
                return .success(try bytes(of: file, byteCount))
            } catch {
                return .failure(error as? Errno ?? .ioError)
            }
        }
    }

    /// Reads once from an open file at an offset.
    static func read(_ file: FileDescriptor, at offset: Int64, byteCount: Int) async -> Result<[UInt8], Errno> {
        await onThread {
            var piece = [UInt8](repeating: 0, count: byteCount)
            do {
                let count = try piece.withUnsafeMutableBytes {
                    try file.read(fromAbsoluteOffset: offset, into: $0, retryOnInterrupt: false)
                }
                return .success(Array(piece.prefix(count)))
            } catch {
                return .failure(error as? Errno ?? .ioError)
            }
        }
    }

    static func open(_ path: FilePath, _ mode: FileDescriptor.AccessMode = .readOnly) async -> Result<
        FileDescriptor, Errno
    > {
        await onThread {
            do { return .success(try FileDescriptor.open(path, mode)) } catch {
                return .failure(error as? Errno ?? .ioError)
            }
        }
    }

    private static func bytes(of file: FileDescriptor, _ byteCount: Int) throws -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: byteCount)
        let count = try piece.withUnsafeMutableBytes { try file.read(into: $0, retryOnInterrupt: false) }
        return Array(piece.prefix(count))
    }
}
