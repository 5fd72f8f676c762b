import CZlib
package import Objects

/// A stream of raw deflate (RFC 1951), flushed where a reader is to see everything so far: what was sent before is the
/// dictionary of what follows, which makes of messages a third where each by itself would be two thirds.
///
/// For one task.
package final class Deflater {
    /// Fast: the dictionary is what counts, not the search in it.
    private static let level: CInt = 1
    private static let pieceByteCount = 64 << 10

    /// At one place for ever: zlib remembers where it is.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isDeflating = true

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = CInt(MemoryLayout<z_stream>.size)
        let result = deflateInit2_(
            stream,
            Self.level,
            Z_DEFLATED,
            -MAX_WBITS,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        precondition(result == Z_OK, "deflateInit2")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Adds bytes; those that would not become fewer only pass through.
    package func add(_ bytes: some ContiguousBytes, deflating: Bool, to output: inout [UInt8]) {
        if deflating != isDeflating {
            run(UnsafeRawBufferPointer(start: nil, count: 0), Z_BLOCK, &output)
            var isDone = false
            while !isDone {
                isDone =
                    room(in: &output) { deflateParams(stream, deflating ? Self.level : 0, Z_DEFAULT_STRATEGY) } == Z_OK
            }
            isDeflating = deflating
        }
        bytes.withUnsafeBytes { run($0, Z_NO_FLUSH, &output) }
    }

    /// Ends what was added so that it can be read without what follows.
    package func flush(to output: inout [UInt8]) {
        run(UnsafeRawBufferPointer(start: nil, count: 0), Z_SYNC_FLUSH, &output)
    }

    private func run(_ bytes: UnsafeRawBufferPointer, _ flush: CInt, _ output: inout [UInt8]) {
        // zlib does not write to its input.
        let start = bytes.baseAddress.map { UnsafeMutableRawPointer(mutating: $0) }
        stream.pointee.next_in = start?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = CUnsignedInt(bytes.count)
        repeat {
            _ = room(in: &output) { deflate(stream, flush) }
        } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
        stream.pointee.next_in = nil
    }

    /// Calls zlib with room for one more piece at the end of the output.
    private func room(in output: inout [UInt8], _ body: () -> CInt) -> CInt {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.pieceByteCount) { piece in
            stream.pointee.next_out = piece.baseAddress
            stream.pointee.avail_out = CUnsignedInt(piece.count)
            let result = body()
            precondition(result != Z_STREAM_ERROR, "a stream of zlib in disorder")
            output += piece[..<(piece.count - Int(stream.pointee.avail_out))]
            return result
        }
    }
}

extension Deflater {
    /// Whether bytes from the middle of what something begins with become fewer by a quarter at least: true of text, not of
    /// JPEG, whose first bytes are tables and words.
    package static func pays(for sample: some ContiguousBytes) -> Bool {
        sample.withUnsafeBytes { sample in
            guard let start = sample.baseAddress?.assumingMemoryBound(to: UInt8.self), sample.count >= 64 else {
                return false
            }
            let count = min(sample.count, 1024)
            let middle = start + (sample.count - count) / 2
            var deflatedCount = compressBound(UInt(count))
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(deflatedCount)) { target in
                compress2(target.baseAddress, &deflatedCount, middle, UInt(count), level) == Z_OK
                    && deflatedCount < UInt(count * 3 / 4)
            }
        }
    }
}
