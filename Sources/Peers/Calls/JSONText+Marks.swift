import Glibc

extension JSONText {
    /// Whether a text has at most so many brackets, braces and commas outside of strings: asked before a long one is
    /// decoded, as each of them may become a hundred bytes then.
    static func hasFewMarks(_ text: String, countMax: Int) -> Bool {
        // Fewer bytes are fewer marks.
        guard text.utf8.count > countMax else { return true }
        var text = text
        return text.withUTF8 { bytes in
            var (count, position) = (0, 0)
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","):
                    count += 1
                    if count > countMax { return false }
                case UInt8(ascii: "\""): position = end(ofString: position, in: bytes)
                default: break
                }
            }
            return true
        }
    }

    /// What follows a string of which this is the first byte.
    private static func end(ofString start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var position = start
        while let mark = quotationMark(from: position, in: bytes) {
            // An even number of backslashes before it are escaped ones.
            var slash = mark
            while slash > start, bytes[slash - 1] == UInt8(ascii: "\\") { slash -= 1 }
            if (mark - slash).isMultiple(of: 2) { return mark + 1 }
            position = mark + 1
        }
        return bytes.count
    }

    private static func quotationMark(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard start < bytes.count, let base = UnsafeRawPointer(bytes.baseAddress),
            let found = memchr(base + start, Int32(UInt8(ascii: "\"")), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
