internal import Foundation

/// Makes names that can be listed anywhere out of any text (design 8).
///
/// A name is NFC, 1-255 bytes of UTF-8, has no `/`, no control or format character, is never `.` or `..`, does not start
/// with `-` and does not end in a space or a dot. Made of the text alone: the same everywhere.
package enum EntryName {
    /// The most bytes a name may have: what ext4 and most others allow (the FUSE kernel side allows more).
    package static let byteCountMax = 255

    /// An extension longer than this is no extension.
    private static let extensionByteCountMax = 16

    /// How much of a text is looked at: more than can matter to 255 bytes.
    private static let scalarCountMax = 4 * byteCountMax

    /// The name of a directory or card after a title: not hidden, so without a dot at its start.
    package static func title(_ text: String) -> String {
        var name = cleaned(text)
        if name.utf8.first == UInt8(ascii: ".") { name = "_" + name.dropFirst() }
        return cut(name, extension: "", byteCount: byteCountMax)
    }

    /// The name of a file: its extension survives cutting.
    package static func file(_ text: String) -> String {
        let (stem, suffix) = parts(of: cleaned(text))
        return cut(stem, extension: suffix, byteCount: byteCountMax)
    }

    /// The name before its extension, and the extension with its dot (empty if there is none).
    package static func parts(of name: String) -> (stem: String, suffix: String) {
        let bytes = Array(name.utf8)
        guard let dot = bytes.lastIndex(of: UInt8(ascii: ".")), dot > 0,
            (2...extensionByteCountMax).contains(bytes.count - dot),
            bytes[(dot + 1)...].allSatisfy({ $0 < 0x80 && Unicode.Scalar($0).properties.isAlphabetic || isDigit($0) })
        else { return (name, "") }
        return (String(decoding: bytes[..<dot], as: UTF8.self), String(decoding: bytes[dot...], as: UTF8.self))
    }

    /// Stem and extension in at most this many bytes, cut at the end of a character of the stem.
    package static func cut(_ stem: String, extension suffix: String, byteCount: Int) -> String {
        let room = byteCount - suffix.utf8.count
        guard stem.utf8.count > room else { return trimmed(stem, before: suffix) + suffix }
        var kept = ""
        var count = 0
        for character in stem {
            let next = count + character.utf8.count
            if next > room { break }
            kept.append(character)
            count = next
        }
        if kept.isEmpty { kept = firstScalars(of: stem, byteCount: room) }
        return trimmed(kept, before: suffix) + suffix
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// For a character that alone is too long: as many of its scalars as fit.
    private static func firstScalars(of text: String, byteCount: Int) -> String {
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > byteCount { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    /// Without spaces at either end, and dots at the end, of a name; never empty.
    private static func trimmed(_ stem: String, before suffix: String) -> String {
        var name = stem.unicodeScalars[...]
        if suffix.isEmpty {
            while let last = name.last, last == "." || last.properties.isWhitespace { name.removeLast() }
        }
        if !name.isEmpty { return String(name) }
        let dots = stem.utf8.count { $0 == UInt8(ascii: ".") }
        return String(repeating: "_", count: max(1, dots))
    }

    /// NFC with everything unsafe replaced by `_`, without spaces at its start.
    private static func cleaned(_ text: String) -> String {
        let start = String(text.unicodeScalars.prefix(scalarCountMax))
        let scalars = Array(start.precomposedStringWithCanonicalMapping.unicodeScalars)
        var name = String.UnicodeScalarView()
        for index in scalars.indices {
            name.append(isSafe(scalars, at: index) ? scalars[index] : "_")
        }
        while let first = name.first, first.properties.isWhitespace { name.removeFirst() }
        if name.first == "-" { name.replaceSubrange(name.startIndex...name.startIndex, with: ["_"]) }
        return String(name)
    }

    /// Whether a scalar can stay: not a separator, not invisible, not one that moves others about.
    private static func isSafe(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        let scalar = scalars[index]
        switch scalar.value {
        case 0x20..<0x7F: return scalar != "/"
        case 0xFE00...0xFE0F: return true  // variation selectors choose the look of the character before
        case 0x200C, 0x200D: return joins(scalars, at: index)
        default: break
        }
        if scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.isNoncharacterCodePoint { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return false
        default: return true
        }
    }

    /// Whether a joiner stands where scripts or emoji need it, and not where it only hides.
    private static func joins(_ scalars: [Unicode.Scalar], at index: Int) -> Bool {
        guard index > 0, index + 1 < scalars.count else { return false }
        let (before, after) = (scalars[index - 1], scalars[index + 1])
        if scalars[index].value == 0x200D, after.value > 0x2000, after.properties.isEmoji {
            return before.properties.isEmoji || before.properties.isEmojiModifier || before.value == 0xFE0F
        }
        func isJoinable(_ scalar: Unicode.Scalar) -> Bool {
            let isMark = [.nonspacingMark, .spacingMark].contains(scalar.properties.generalCategory)
            return scalar.value >= 0x0600 && (scalar.properties.isAlphabetic || isMark)
        }
        return isJoinable(before) && isJoinable(after)
    }
}
