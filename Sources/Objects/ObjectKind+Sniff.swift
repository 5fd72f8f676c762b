extension ObjectKind {
    /// How many bytes of an object `sniff` looks at; ONE.CORE looks at 257 (one-format 3.4).
    package static let sniffByteCount = 257

    private static let objectPrefix = Array(#"<div itemscope itemtype="//refin.io/"#.utf8)
    private static let idObjectPrefix = Array(#"<div data-id-object="true" itemscope itemtype="//refin.io/"#.utf8)

    /// Kind and type name by the first bytes of an object (one-format 3.4, with its better rule: the prefix decides,
    /// a character cut at the end is ignored).
    package static func sniff(prefix: some Collection<UInt8>) -> (kind: ObjectKind, type: String?) {
        let bytes = Array(prefix.prefix(sniffByteCount))
        for (kind, start) in [(ObjectKind.one, objectPrefix), (.id, idObjectPrefix)] where bytes.starts(with: start) {
            let rest = bytes.dropFirst(start.count)
            guard let end = rest.firstIndex(of: UInt8(ascii: "\"")),
                rest.index(after: end) < rest.endIndex, rest[rest.index(after: end)] == UInt8(ascii: ">"),
                let type = String(validating: rest[..<end], as: UTF8.self), !type.isEmpty
            else { continue }
            return (kind, type)
        }
        return (isText(bytes) ? .clob : .blob, nil)
    }

    /// Whether this is UTF-8, not counting a character that the cut after `sniffByteCount` splits.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        if String(validating: bytes, as: UTF8.self) != nil { return true }
        guard bytes.count >= sniffByteCount else { return false }
        // The first byte of the last character; those that follow one are 80 to BF.
        guard let start = bytes.lastIndex(where: { $0 & 0xC0 != 0x80 }), bytes.count - start < 4 else { return false }
        return String(validating: bytes[..<start], as: UTF8.self) != nil && canBeCompleted(bytes[start...])
    }

    /// Whether these bytes begin a character of UTF-8.
    ///
    /// If any bytes complete it, then the lowest or the highest do.
    private static func canBeCompleted(_ bytes: ArraySlice<UInt8>) -> Bool {
        (1...3).contains { count in
            [0x80, 0xBF].contains {
                String(validating: bytes + Array(repeating: $0, count: count), as: UTF8.self) != nil
            }
        }
    }
}
