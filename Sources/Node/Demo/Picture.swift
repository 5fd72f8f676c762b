import CZlib
import Objects

/// A picture made on the spot: soft hills under a sky, different for every seed.
struct Picture {
    let width: Int
    let height: Int
    let seed: UInt64

    /// The bytes as PNG (RFC 2083): 8-bit RGB, no filter, deflate by zlib's compress2.
    func png() -> [UInt8] {
        var header = Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height))
        header += [8, 2, 0, 0, 0]
        return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            + Self.chunk("IHDR", header) + Self.chunk("IDAT", Self.deflated(rows())) + Self.chunk("IEND", [])
    }

    /// A filter byte and three bytes a pixel for each row.
    private func rows() -> [UInt8] {
        let shade = (0..<6).map { Int(seed >> (UInt64($0) * 8) & 0xFF) }
        return [UInt8](unsafeUninitializedCapacity: height * (1 + width * 3)) { buffer, count in
            for y in 0..<height {
                buffer[count] = 0
                count += 1
                for x in 0..<width {
                    let color = pixel(x, y, shade)
                    for part in 0..<3 { buffer[count + part] = color[part] }
                    count += 3
                }
            }
        }
    }

    private func pixel(_ x: Int, _ y: Int, _ shade: [Int]) -> SIMD3<UInt8> {
        let wave = (x * (3 + shade[0] % 5) + shade[1] * 7) % (width * 2)
        let ridge = height / 2 + abs(wave - width) * height / (width * 4) - shade[2] * height / 1024
        let isSky = y < ridge
        let depth = isSky ? y * 120 / height : (y - ridge) * 160 / height
        let base = isSky ? [90 + shade[3] / 4, 140 + shade[4] / 8, 200] : [40 + shade[5] / 4, 120 - shade[3] / 8, 50]
        return SIMD3(
            UInt8(clamping: base[0] + depth),
            UInt8(clamping: base[1] + depth / 2),
            UInt8(clamping: base[2] + (isSky ? depth / 4 : depth / 3))
        )
    }

    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, used in
            let result = compress2(buffer.baseAddress, &count, bytes, UInt(bytes.count), 6)
            precondition(result == Z_OK, "compress2 with compressBound bytes of room")
            used = Int(count)
        }
    }

    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + data
        let checksum = UInt32(truncatingIfNeeded: crc32(0, body, UInt32(body.count)))
        return bigEndian(UInt32(data.count)) + body + bigEndian(checksum)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) }
    }
}
