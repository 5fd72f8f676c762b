import Objects

/// Which bytes of a partial object were written.
///
/// As text, for people too: a line `iom partial 1 SIZE`, then a line `START END` for each piece, in order, without overlap.
struct PartialMap {
    let ranges: RangeSet<Int>
    private let objectByteCount: Int

    init(_ ranges: RangeSet<Int>, objectByteCount: Int) {
        (self.ranges, self.objectByteCount) = (ranges, objectByteCount)
    }

    private static func title(_ byteCount: Int) -> String { "iom partial 1 \(byteCount)" }

    var encoded: [UInt8] {
        var text = Self.title(objectByteCount) + "\n"
        for range in ranges.ranges { text += "\(range.lowerBound) \(range.upperBound)\n" }
        return Array(text.utf8)
    }

    /// nil unless it is a map of an object of this size.
    init?(encoded bytes: [UInt8], objectByteCount: Int) {
        guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else { return nil }
        let lines = text.split(separator: "\n")
        guard let title = lines.first, title == Self.title(objectByteCount) else { return nil }
        var ranges = RangeSet<Int>()
        var end = 0
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            guard words.count == 2, let lower = Int(words[0]), let upper = Int(words[1]), lower >= end, upper > lower,
                upper <= objectByteCount
            else { return nil }
            ranges.insert(contentsOf: lower..<upper)
            end = upper
        }
        self.init(ranges, objectByteCount: objectByteCount)
    }
}
