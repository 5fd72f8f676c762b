package import Objects

/// A one-shot invitation (one-protocol 3.1): JSON of exactly three members, or a link with it behind the `#`.
package struct Invitation: Hashable, Sendable {
    package static let tokenCharacterCount = 64
    /// The prefix of links for an own device.
    package static let devicePrefix = "https://iom.invalid/invites/inviteDevice/?invited=true"
    /// The prefix of links for somebody else.
    package static let contactPrefix = "https://iom.invalid/invites/invitePartner/?invited=true"
    private static let byteCountMax = 4096
    private static let tokenCharacters = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-".utf8)

    /// 64 of `[0-9a-zA-Z_-]`.
    package var token: String
    /// The instance key of whoever invites: X25519, 32 bytes.
    package var publicKey: [UInt8]
    /// Where to dial.
    package var url: String

    package init(token: String, publicKey: [UInt8], url: String) {
        (self.token, self.publicKey, self.url) = (token, publicKey, url)
    }

    package static func makeToken(random: some RandomSource) -> String {
        // 64 characters: 6 bits of a byte choose one without bias.
        String(decoding: random.bytes(tokenCharacterCount).map { tokenCharacters[Int($0 & 63)] }, as: UTF8.self)
    }

    package var json: String {
        "{\"token\":\(JSONText.encode(token)),\"publicKey\":\"\(Hex.text(publicKey))\",\"url\":\(JSONText.encode(url))}"
    }

    /// Whether a link says that it is for a device of whoever made it; the JSON in it does not tell.
    package static func isForDevice(_ link: String) -> Bool {
        link.prefix { $0 != "#" }.contains("/invites/inviteDevice/")
    }

    /// Whether every program can read the link: some decode it twice, and then a percent sign in it is gone.
    package var canBeLink: Bool { !json.utf8.contains(UInt8(ascii: "%")) }

    /// The link; as `encodeURIComponent` would write it.
    package func link(prefix: String = devicePrefix) -> String { prefix + "#" + Self.percentEncoded(json) }

    /// Reads a link of any prefix, or the JSON itself; nil for anything else.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.byteCountMax else { return nil }
        var json = text
        // The address in JSON may have such a mark, too.
        if !text.hasPrefix("{"), let mark = text.firstIndex(of: "#") {
            guard let decoded = Self.percentDecoded(text[text.index(after: mark)...]) else { return nil }
            json = decoded
        }
        guard case .object(let members)? = JSONText.decode(JSONValue.self, from: json), members.count == 3,
            let token = members["token"]?.string, let url = members["url"]?.string,
            let publicKey = members["publicKey"]?.string.flatMap({ Hex.bytes($0) }), publicKey.count == 32,
            token.utf8.count == Self.tokenCharacterCount, token.utf8.allSatisfy(Self.tokenCharacters.contains)
        else { return nil }
        self.init(token: token, publicKey: publicKey, url: url)
    }

    private static func percentEncoded(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()".utf8)
        return text.utf8.reduce(into: "") { result, byte in
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + Hex.text([byte]).uppercased()
            }
        }
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard let decoded = Hex.bytes(digits.lowercased()), decoded.count == 1 else { return nil }
            bytes += decoded
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
