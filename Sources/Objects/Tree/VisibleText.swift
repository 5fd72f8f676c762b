/// Text from outside, made safe to print: what could drive a terminal or reorder a line is shown instead of emitted.
package enum VisibleText {
    /// The text on one or more lines.
    ///
    /// CR LF, CR, U+0085, U+2028 and U+2029 end a line as LF does; tabs stay; other control characters become their
    /// pictures (ESC is U+241B), C1 and bidirectional overrides become `\u{9B}`.
    package static func lines(_ text: String) -> String {
        needsWork(text.utf8) ? worked(text) : text
    }

    /// The same on a single line: line ends become spaces.
    package static func line(_ text: String) -> String {
        let lines = lines(text)
        return lines.utf8.contains(0x0A) ? String(lines.map { $0 == "\n" ? " " : $0 }) : lines
    }

    /// Whether a byte occurs that may belong to something to be shown; most texts have none.
    private static func needsWork(_ bytes: String.UTF8View) -> Bool {
        // C2 starts U+0080-U+00BF, E2 starts U+2000-U+2FFF.
        bytes.contains { $0 < 0x20 && $0 != 0x0A && $0 != 0x09 || $0 == 0x7F || $0 == 0xC2 || $0 == 0xE2 }
    }

    private static func worked(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in text.unicodeScalars {
            defer { afterReturn = scalar == "\r" }
            switch scalar.value {
            case 0x0A where afterReturn: break
            case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: result.append("\n")
            case 0x09: result.append(scalar)
            case 0x00...0x1F: result.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
            case 0x7F: result.append("\u{2421}")
            case 0x80...0x9F, 0x202A...0x202E, 0x2066...0x2069:
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
