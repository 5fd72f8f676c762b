/// A contact: one human as the owner knows them (one-protocol 5.1, Someone).
package struct Contact: Hashable, Sendable {
    package struct Identity: Hashable, Sendable {
        package var person: IDHash
        /// The Person's `email`, if its ID object is here: an address or any other text.
        package var email: String?

        package init(person: IDHash, email: String?) { (self.person, self.email) = (person, email) }
    }

    /// ID hash of the Someone.
    package var someone: IDHash
    package var displayName: String
    /// In order of person hash.
    package var identities: [Identity]
    package var emails: [String]
    package var phones: [String]
    package var organisations: [String]
    /// When the newest of the profiles was written, in milliseconds since 1970; nil if unknown.
    package var modified: Double?

    package init(
        someone: IDHash,
        displayName: String,
        identities: [Identity],
        emails: [String] = [],
        phones: [String] = [],
        organisations: [String] = [],
        modified: Double? = nil
    ) {
        (self.someone, self.displayName, self.identities) = (someone, displayName, identities)
        (self.emails, self.phones, self.organisations) = (emails, phones, organisations)
        self.modified = modified
    }
}

/// A contact as a vCard 4.0 (RFC 6350).
package enum ContactCard {
    /// Bytes a line has at most, without its line break (RFC 6350 section 3.2).
    private static let lineByteCountMax = 75

    package static func text(_ contact: Contact) -> String {
        var emails = contact.emails
        for email in contact.identities.compactMap(\.email)
        where email.utf8.contains(UInt8(ascii: "@")) && !emails.contains(where: { $0.utf8.elementsEqual(email.utf8) }) {
            emails.append(email)
        }
        var lines = ["BEGIN:VCARD", "VERSION:4.0", "FN:" + escaped(contact.displayName)]
        lines += contact.organisations.map { "ORG:" + escaped($0) }
        lines += emails.map { "EMAIL:" + escaped($0) }
        lines += contact.phones.map { "TEL:" + escaped($0) }
        lines += ["UID;VALUE=text:" + contact.someone.hex]
        lines += contact.identities.map { "X-ONE-PERSON:" + $0.person.hex }
        if let modified = contact.modified { lines.append("REV:" + stamp(modified)) }
        lines.append("END:VCARD")
        return lines.map { folded($0) + "\r\n" }.joined()
    }

    /// A text value: backslash, comma, semicolon and line ends escaped (RFC 6350 section 3.4), controls shown.
    private static func escaped(_ text: String) -> String {
        VisibleText.lines(text).unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\n": result += "\\n"
            case "\\", ",", ";":
                result.unicodeScalars.append("\\")
                result.unicodeScalars.append(scalar)
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// Lines of at most 75 bytes, each but the first starting with a space; no character is cut.
    private static func folded(_ line: String) -> String {
        var result = String.UnicodeScalarView()
        var count = 0
        for scalar in line.unicodeScalars {
            let width = UTF8.width(scalar)
            if count + width > lineByteCountMax {
                result.append(contentsOf: "\r\n ".unicodeScalars)
                count = 1
            }
            result.append(scalar)
            count += width
        }
        return String(result)
    }

    /// A moment as in `20261122T140322Z` (RFC 6350 section 4.3.5).
    private static func stamp(_ milliseconds: Double) -> String {
        let time = CivilTime(milliseconds: milliseconds)
        let day = String(time.dayText.filter { $0 != "-" })
        return day + "T" + time.compactClockText + "Z"
    }
}
