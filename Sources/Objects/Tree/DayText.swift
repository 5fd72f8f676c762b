/// The text of one day of a conversation, in Markdown: a header, then each message in order.
///
/// ```
/// # Projekt Ü – Gruppe, 2025-01-06 (UTC)
///
/// ## 09:13:52 Alice Ärmel
/// > Hier eine Notiz
/// - [note.txt](2025-01-06%20091352%20note.txt)
/// ```
/// Every line of a text starts with `> `: no text can look like another message, and no HTML comment or code fence in it
/// can swallow what follows. The size is the sum of the sizes of the parts, so one message can be counted alone.
package enum DayText {
    /// What stands after the name of an author whose signature is missing or wrong.
    private static let unverifiedMark = " (unverified)"

    /// The whole text.
    package static func text(title: String, day: CivilTime, messages: some Sequence<Message>) -> String {
        messages.reduce(into: header(title: title, day: day)) { text, message in
            text += self.message(message)
        }
    }

    /// The part before the first message.
    package static func header(title: String, day: CivilTime) -> String {
        "# " + VisibleText.line(title) + ", " + day.dayText + " (UTC)\n"
    }

    /// The part of one message.
    package static func message(_ message: Message) -> String {
        var bytes: [UInt8] = []
        append(message, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the part of one message, as UTF-8.
    package static func append(_ message: Message, to bytes: inout [UInt8]) {
        bytes += "\n## ".utf8
        CivilTime(milliseconds: message.time).appendClock(to: &bytes)
        bytes.append(UInt8(ascii: " "))
        bytes += name(message.authorName).utf8
        if !message.isVerified { bytes += unverifiedMark.utf8 }
        bytes.append(newline)
        appendBody(of: message, to: &bytes)
    }

    /// Size in bytes of the part of one message without its author's name, which may change: add `nameByteCount`.
    package static func byteCountWithoutName(of message: Message) -> Int {
        var bytes: [UInt8] = []
        append(message, to: &bytes)
        return bytes.count - nameByteCount(message.authorName)
    }

    package static func nameByteCount(_ name: String) -> Int { self.name(name).utf8.count }

    private static func name(_ name: String) -> String { VisibleText.line(name) }

    private static let newline = UInt8(ascii: "\n")

    private static func appendBody(of message: Message, to bytes: inout [UInt8]) {
        var text = VisibleText.lines(message.text)
        let isEmpty = text.withUTF8 { text in
            let lines = text.last == newline ? text.dropLast() : text[...]
            if lines.isEmpty { return true }
            for line in lines.split(separator: newline, omittingEmptySubsequences: false) {
                bytes += line.isEmpty ? ">".utf8 : "> ".utf8
                bytes += line
                bytes.append(newline)
            }
            return false
        }
        if !isEmpty, !message.attachments.isEmpty { bytes.append(newline) }
        for attachment in message.attachments {
            bytes += ("- [" + label(of: attachment) + "](" + encoded(attachment.entryName) + ")\n").utf8
        }
    }

    /// What a link says: the name as it was given if there is one.
    private static func label(of attachment: Attachment) -> String {
        let name = EntryName.file(attachment.name.isEmpty ? attachment.entryName : attachment.name)
        return name.unicodeScalars.reduce(into: "") { text, scalar in
            if special.contains(scalar) { text.unicodeScalars.append("\\") }
            text.unicodeScalars.append(scalar)
        }
    }

    /// What means something to Markdown within a link's text.
    private static let special = Array("[]\\`<".unicodeScalars)

    /// Percent-encoded: all but the unreserved characters of RFC 3986.
    private static func encoded(_ name: String) -> String {
        var text: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: text.append(byte)
            default: text += Array("%".utf8) + Array(Hex.text([byte]).uppercased().utf8)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
