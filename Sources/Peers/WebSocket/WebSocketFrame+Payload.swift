import NIOCore
import NIOWebSocket

extension WebSocketFrame {
    /// The payload, unmasked where it is copied to, eight bytes at a time (RFC 6455 5.3).
    ///
    /// NIO's `unmaskedData` copies as well, and then goes byte by byte, which is most of what receiving costs.
    var payload: [UInt8] {
        let byteCount = data.readableBytes
        return [UInt8](unsafeUninitializedCapacity: byteCount) { target, count in
            let bytes = UnsafeMutableRawBufferPointer(target)
            data.withUnsafeReadableBytes { bytes.copyMemory(from: $0) }
            count = byteCount
            guard let maskKey else { return }
            let key = (0..<8).map { maskKey[$0 % 4] }
            let word = key.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
            let wordsEnd = byteCount & ~7
            for offset in stride(from: 0, to: wordsEnd, by: 8) {
                let masked = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                bytes.storeBytes(of: masked ^ word, toByteOffset: offset, as: UInt64.self)
            }
            for offset in wordsEnd..<byteCount { bytes[offset] ^= key[offset & 7] }
        }
    }
}
