import Objects
import Testing

@Suite struct TextTests {
    private let person = IDHash(ObjectHash(of: [1]))

    private func message(
        _ text: String,
        _ attachments: [Objects.Attachment] = [],
        verified: Bool = true,
        name: String = "Ann"
    ) -> Message {
        let hash = ObjectHash(of: [2])
        return Message(
            time: 1_795_356_202_123,
            author: person,
            authorName: name,
            text: text,
            hash: hash,
            creation: hash,
            isVerified: verified,
            attachments: attachments
        )
    }

    @Test func aDayReads() {
        let picture = Objects.Attachment(
            hash: ObjectHash(of: [3]),
            data: ObjectHash(of: [4]),
            name: "a [b].jpg",
            type: "image/jpeg",
            byteCount: 3,
            entryName: "2026-11-22 140322 a [b].jpg"
        )
        let messages = [message("Hello\r\nyou\n"), message("", [picture]), message("look", [picture], verified: false)]
        let day = CivilTime(milliseconds: messages[0].time)
        let text = DayText.text(title: "Ann\u{1B}[2J", day: day, messages: messages)
        #expect(
            text == """
                # Ann␛[2J, 2026-11-22 (UTC)

                ## 14:03:22 Ann
                > Hello
                > you

                ## 14:03:22 Ann
                - [a \\[b\\].jpg](2026-11-22%20140322%20a%20%5Bb%5D.jpg)

                ## 14:03:22 Ann (unverified)
                > look

                - [a \\[b\\].jpg](2026-11-22%20140322%20a%20%5Bb%5D.jpg)

                """
        )
        let parts = messages.reduce(DayText.header(title: "Ann\u{1B}[2J", day: day).utf8.count) { size, message in
            size + DayText.byteCountWithoutName(of: message) + DayText.nameByteCount(message.authorName)
        }
        #expect(parts == text.utf8.count)
    }

    @Test func controlCharactersAreShown() {
        let text = DayText.message(
            message("\u{1B}]0;title\u{7}\u{9B}31m\u{202E}x\u{0}\u{7F}\ttab\u{8}", name: "A\nB\u{1B}")
        )
        #expect(
            text == "\n## 14:03:22 A B␛\n> ␛]0;title␇\\u{9B}31m\\u{202E}x␀␡\ttab␈\n"
        )
        for byte in text.utf8 where byte != 0x0A && byte != 0x09 { #expect(byte >= 0x20 && byte != 0x7F) }
    }

    @Test func noTextLooksLikeAnotherMessage() {
        let text = DayText.message(message("x\n\n## 14:03:22 Bob\r> y\u{2028}<!--\n```"))
        let lines = text.split(separator: "\n").dropFirst()
        #expect(lines.count == 6)
        #expect(lines.allSatisfy { $0.hasPrefix(">") })
    }

    @Test func aCardIsAVCard() {
        let contact = Contact(
            someone: person,
            displayName: "Müller; Ann, \"A\\B\"\nLine",
            identities: [Contact.Identity(person: person, email: "ann@example.org")],
            emails: ["ann@work.example"],
            phones: ["+49 30 1"],
            organisations: [String(repeating: "ü", count: 60)],
            modified: 1_795_356_202_000
        )
        let text = ContactCard.text(contact)
        let lines = text.components("\r\n")
        #expect(lines.first == "BEGIN:VCARD" && lines.dropLast().last == "END:VCARD")
        #expect(lines.contains("FN:Müller\\; Ann\\, \"A\\\\B\"\\nLine"))
        #expect(lines.contains("EMAIL:ann@work.example") && lines.contains("EMAIL:ann@example.org"))
        #expect(lines.contains("REV:20261122T140322Z"))
        #expect(lines.allSatisfy { $0.utf8.count <= 75 })
        #expect(text.replacing("\r\n ", with: "").contains("ORG:" + String(repeating: "ü", count: 60)))
    }

    @Test func timesAreOnTheCalendar() {
        #expect(CivilTime(milliseconds: 0).dayText == "1970-01-01")
        #expect(CivilTime(milliseconds: -1).dayText == "1969-12-31")
        #expect(CivilTime(milliseconds: -1).clockText == "23:59:59")
        #expect(CivilTime(milliseconds: 1_709_210_096_000).dayText == "2024-02-29")
        #expect(CivilTime(milliseconds: .nan).dayText == "1970-01-01")
        #expect(CivilTime(milliseconds: .infinity).dayText == "9999-12-31")
        #expect(CivilTime(milliseconds: -1e300).dayText == "0001-01-01")
        #expect(CivilTime(milliseconds: 1_795_356_202_000).compactClockText == "140322")
    }

    @Test func millisecondsAreExactInNanoseconds() {
        #expect(Timestamp(milliseconds: 1_736_201_783_921).nanoseconds == 1_736_201_783_921_000_000)
        #expect(Timestamp(milliseconds: -0.5).nanoseconds == -500_000)
        #expect(Timestamp(milliseconds: .nan).nanoseconds == 0)
        #expect(Timestamp(milliseconds: 1e300).nanoseconds == .max)
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
