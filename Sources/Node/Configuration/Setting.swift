/// One value that counts on this instance, and where it comes from.
package struct Setting: Codable, Hashable, Sendable {
    /// Dotted path in `iom.toml`.
    package let key: String
    package let value: Value
    package let origin: Origin

    /// As TOML has it.
    package enum Value: Hashable, Sendable {
        case flag(Bool)
        case count(Int)
        case word(String)
        case words([String])
        /// No limit, or nothing named.
        case none
    }

    /// Who said so.
    package enum Origin: Hashable, Sendable {
        /// What the role brings with it.
        case preset(Role)
        /// A person, on this line of `iom.toml`.
        case file(line: Int)
        /// Another key that was written and leaves no other choice.
        case following(String)
        /// The same for every role.
        case standard
    }
}

extension Setting.Value: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .none
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let count = try? container.decode(Int.self) {
            self = .count(count)
        } else if let word = try? container.decode(String.self) {
            self = .word(word)
        } else {
            self = .words(try container.decode([String].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .flag(let flag): try container.encode(flag)
        case .count(let count): try container.encode(count)
        case .word(let word): try container.encode(word)
        case .words(let words): try container.encode(words)
        case .none: try container.encodeNil()
        }
    }
}

extension Setting.Value: CustomStringConvertible {
    package var description: String {
        switch self {
        case .flag(let flag): "\(flag)"
        case .count(let count): "\(count)"
        case .word(let word): "\"\(word)\""
        case .words(let words): "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        case .none: "-"
        }
    }
}

extension Setting.Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .preset(let role): "preset of the role \(role.rawValue)"
        case .file(let line): "iom.toml, line \(line)"
        case .following(let key): "follows from \(key)"
        case .standard: "default"
        }
    }

    var isWritten: Bool { if case .file = self { true } else { false } }
}

extension Setting.Origin: Codable {
    private enum CodingKeys: String, CodingKey { case from, role, line, key }

    private enum Kind: String, Codable {
        case preset, file, following
        case standard = "default"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(Kind.self, forKey: .from) {
        case .preset: self = .preset(try container.decode(Role.self, forKey: .role))
        case .file: self = .file(line: try container.decode(Int.self, forKey: .line))
        case .following: self = .following(try container.decode(String.self, forKey: .key))
        case .standard: self = .standard
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .preset(let role):
            try container.encode(Kind.preset, forKey: .from)
            try container.encode(role, forKey: .role)
        case .file(let line):
            try container.encode(Kind.file, forKey: .from)
            try container.encode(line, forKey: .line)
        case .following(let key):
            try container.encode(Kind.following, forKey: .from)
            try container.encode(key, forKey: .key)
        case .standard:
            try container.encode(Kind.standard, forKey: .from)
        }
    }
}
