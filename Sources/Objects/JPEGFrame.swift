/// The size of a JPEG image, read from its frame header (ITU-T T.81, annex B).
package struct JPEGFrame: Hashable, Sendable {
    package var width: Int
    package var height: Int

    /// nil unless the bytes begin and end as a JPEG image does and have one frame header in between.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count > 4, bytes.starts(with: [0xFF, 0xD8]), bytes.suffix(2) == [0xFF, 0xD9] else { return nil }
        var position = 2
        while position + 9 < bytes.count, bytes[position] == 0xFF {
            let marker = bytes[position + 1]
            let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
            // SOF0 to SOF15, without DHT, JPG and DAC.
            if (0xC0...0xCF).contains(marker), ![0xC4, 0xC8, 0xCC].contains(marker) {
                (height, width) = (
                    Int(bytes[position + 5]) << 8 | Int(bytes[position + 6]),
                    Int(bytes[position + 7]) << 8 | Int(bytes[position + 8])
                )
                return
            }
            // What is coded follows, and no header was before it.
            guard marker != 0xDA, length >= 2 else { return nil }
            position += 2 + length
        }
        return nil
    }
}
