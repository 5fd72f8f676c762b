import Objects
import SystemPackage

/// An open file that several readers may read from, closed when the last one is done.
final class SharedFile: Sendable {
    private let descriptor: FileDescriptor

    init(_ descriptor: FileDescriptor) { self.descriptor = descriptor }

    deinit { try? descriptor.close() }

    func byteCount() throws(ObjectError) -> Int {
        try wrapping("seeking") { Int(try descriptor.seek(offset: 0, from: .end)) }
    }

    /// Exactly the bytes of a range inside the file.
    func read(_ range: Range<Int>) throws(ObjectError) -> [UInt8] {
        try wrapping("reading an object") {
            try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
                while count < range.count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    let read = try descriptor.read(
                        fromAbsoluteOffset: Int64(range.lowerBound + count),
                        into: UnsafeMutableRawBufferPointer(rest)
                    )
                    guard read > 0 else { throw Errno.ioError }
                    count += read
                }
            }
        }
    }

    private func wrapping<Result>(_ action: String, _ body: () throws -> Result) throws(ObjectError) -> Result {
        do { return try body() } catch { throw .system(error as? Errno ?? .ioError, action) }
    }
}
