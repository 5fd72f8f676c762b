/// The text of numbers as ECMAScript writes them, `Number::toString(10)` (one-format 1.6).
package enum NumberText {
    /// Longer than any text that `append` makes: 17 digits, a sign, a point, `0.00000` or `e-308`.
    private static let byteCountMax = 32
    /// Whole numbers below 2^53 are exact as integers.
    private static let exactIntegerMax = 9_007_199_254_740_992.0

    /// The text; NaN and the infinities are `null`.
    package static func text(_ value: Double) -> String {
        var out: [UInt8] = []
        append(value, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    /// Appends the text.
    package static func append(_ value: Double, to out: inout [UInt8]) {
        guard value.isFinite else {
            out.append(contentsOf: "null".utf8)
            return
        }
        if value.magnitude < exactIntegerMax, value == value.rounded(.towardZero) {
            // -0 becomes 0 here, as it should.
            out.append(contentsOf: Int64(value).description.utf8)
            return
        }
        if value < 0 { out.append(UInt8(ascii: "-")) }
        let (digits, point) = shortestDigits(of: value.magnitude)
        append(digits, point: point, to: &out)
    }

    /// The number of a text that `append` could have made; nil for any other text.
    ///
    /// `null` is NaN.
    package static func number(_ text: ArraySlice<UInt8>) -> Double? {
        guard !text.isEmpty, text.count <= byteCountMax else { return nil }
        guard let value = value(text) else { return nil }
        var canonical: [UInt8] = []
        append(value, to: &canonical)
        return canonical.elementsEqual(text) ? value : nil
    }

    private static func value(_ text: ArraySlice<UInt8>) -> Double? {
        text.elementsEqual("null".utf8) ? Double.nan : Double(Substring(decoding: text, as: UTF8.self))
    }

    /// The fewest digits that read back as this number, d₁d₂…, and n for 0.d₁d₂…·10ⁿ.
    ///
    /// Swift's description has the same digits as ECMAScript's, in another form.
    private static func shortestDigits(of value: Double) -> (digits: [UInt8], point: Int) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        let text = Array(value.description.utf8)
        for (index, byte) in text.enumerated() {
            if byte == UInt8(ascii: ".") {
                point = digits.count
            } else if byte == UInt8(ascii: "e") {
                exponent = Int(Substring(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                break
            } else {
                digits.append(byte)
            }
        }
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        let place = (point ?? digits.count) + exponent - zeros
        digits.removeFirst(zeros)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, place)
    }

    private static func append(_ digits: [UInt8], point: Int, to out: inout [UInt8]) {
        let zero = UInt8(ascii: "0")
        let dot = UInt8(ascii: ".")
        switch point {
        case digits.count...21 where digits.count <= 21:
            out += digits
            out += repeatElement(zero, count: point - digits.count)
        case 1...21:
            out += digits[..<point]
            out.append(dot)
            out += digits[point...]
        case -5...0:
            out += [zero, dot]
            out += repeatElement(zero, count: -point)
            out += digits
        default:
            out += digits[..<1]
            if digits.count > 1 {
                out.append(dot)
                out += digits[1...]
            }
            out += "e\(point > 0 ? "+" : "-")\((point - 1).magnitude)".utf8
        }
    }
}
