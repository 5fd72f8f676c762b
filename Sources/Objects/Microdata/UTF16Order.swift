/// The order of texts by their UTF-16 code units, found on UTF-8 bytes (one-format 1.8, 10).
///
/// UTF-8 orders by code point; UTF-16 differs only in that the surrogates, code points from U+10000, come before U+E000.
enum UTF16Order {
    /// Whether the text in `left` comes before the one in `right`; both are ranges of valid UTF-8 in `bytes`.
    static func precedes(_ left: Range<Int>, _ right: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = min(left.count, right.count)
        for offset in 0..<count {
            let (one, other) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if one != other { return weight(one) < weight(other) }
        }
        return left.count < right.count
    }

    /// Lead bytes EE and EF begin U+E000 to U+FFFF: they weigh more than F0 to F4.
    ///
    /// In valid UTF-8 the first difference is between two lead bytes or two following ones, which are all below C0.
    private static func weight(_ byte: UInt8) -> UInt8 { byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte }
}

/// Texts in one buffer, put in order.
struct TextOrder {
    /// A text that is there more than once.
    struct Repeat {
        var text: Range<Int>
        var count: Int
    }

    let sorted: [Range<Int>]
    /// Whether they were in order already.
    let wasSorted: Bool

    init(_ texts: [Range<Int>], in bytes: [UInt8]) {
        (sorted, wasSorted) = bytes.withUnsafeBufferPointer { bytes in
            let isSorted = zip(texts, texts.dropFirst()).allSatisfy { !UTF16Order.precedes($1, $0, in: bytes) }
            guard !isSorted else { return (texts, true) }
            return (texts.sorted { UTF16Order.precedes($0, $1, in: bytes) }, false)
        }
    }

    /// The texts that are there more than once, in order.
    func repeats(in bytes: [UInt8]) -> [Repeat] {
        var repeats: [Repeat] = []
        for (previous, text) in zip(sorted, sorted.dropFirst())
        where previous.count == text.count && bytes[previous].elementsEqual(bytes[text]) {
            if let last = repeats.indices.last, repeats[last].text == previous {
                repeats[last] = Repeat(text: text, count: repeats[last].count + 1)
            } else {
                repeats.append(Repeat(text: text, count: 2))
            }
        }
        return repeats
    }
}
