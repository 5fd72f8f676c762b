extension ObjectKind {
    /// How many bytes of an object `sniff` looks at; ONE.CORE looks at 257 (one-format 3.4).
    package static let sniffByteCount = 257

    private static let objectPrefix = Array(#"<div itemscope itemtype="//refin.io/"#.utf8)
    private static let idObjectPrefix = Array(#"<div data-id-object="true" itemscope itemtype="//refin.io/"#.utf8)

    /// Kind and type name by the first bytes of an object (one-format 3.4, with its better rule: the prefix decides,
    /// a character cut at the end is ignored).
    package static func sniff(prefix: some Collection<UInt8>) -> (kind: ObjectKind, type: String?) {
        let bytes = Array(prefix)
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

    /// Whether this is UTF-8, not counting an incomplete character at the end.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        for cut in 0...min(3, bytes.count) where String(validating: bytes.dropLast(cut), as: UTF8.self) != nil {
            return cut == 0 || bytes.count >= sniffByteCount
        }
        return false
    }
}
