import CZlib
import Objects

/// Reads a stream of raw deflate (RFC 1951), so much at a time: whoever reads decides how much is too much.
///
/// For one task.
package final class Inflater {
    package static let pieceByteCountMax = 64 << 10

    /// What came is no stream of deflate.
    package struct Damage: Error {}

    /// At one place for ever: zlib remembers where it is.
    private let stream: UnsafeMutablePointer<z_stream>
    private var input: [UInt8] = []
    private var position = 0
    /// zlib may hold more than fitted into the last piece.
    private var mayHoldMore = false

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = inflateInit2_(stream, -MAX_WBITS, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "inflateInit2")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Adds what came; what was added before must have been read.
    package func push(_ bytes: [UInt8]) { (input, position) = (bytes, 0) }

    /// The next bytes, at most `pieceByteCountMax`; nil if more has to come first.
    package func next() throws(Damage) -> [UInt8]? {
        guard position < input.count || mayHoldMore else { return nil }
        var result = Z_OK
        let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceByteCountMax) { buffer, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress.map { $0 + position }
                stream.pointee.avail_in = CUnsignedInt(input.count - position)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = CUnsignedInt(buffer.count)
                result = inflate(stream, Z_SYNC_FLUSH)
                position = input.count - Int(stream.pointee.avail_in)
                stream.pointee.next_in = nil
            }
            count = buffer.count - Int(stream.pointee.avail_out)
        }
        mayHoldMore = stream.pointee.avail_out == 0
        // The streams here have no last block; Z_BUF_ERROR: there was nothing to do.
        guard result == Z_OK || result == Z_BUF_ERROR else { throw Damage() }
        return piece.isEmpty ? nil : piece
    }
}
