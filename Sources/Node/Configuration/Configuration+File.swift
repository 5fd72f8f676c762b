package import Storage
import TOMLKit

/// Why `iom.toml` cannot be used: one sentence that names the line and the key, and the way out.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// nil: it stands on no line.
    init(line: Int?, _ words: String) {
        description = "iom.toml" + (line.map { ", line \($0)" } ?? "") + ": " + words
    }
}

extension Configuration {
    /// Every key there is, by the table it belongs to, for telling the nearest one to a key that is none.
    private static let knownKeys: [String: [String]] = [
        "": CodingKeys.allCases.map(\.rawValue),
        "instance": Instance.CodingKeys.allCases.map(\.rawValue),
        "storage": Storage.CodingKeys.allCases.map(\.rawValue),
        "load_on_demand": LoadOnDemand.CodingKeys.allCases.map(\.rawValue),
        "sync": Sync.CodingKeys.allCases.map(\.rawValue),
        "peers": Peer.CodingKeys.allCases.map(\.rawValue),
        "mount": Mount.CodingKeys.allCases.map(\.rawValue),
        "log": Log.CodingKeys.allCases.map(\.rawValue),
        "dashboard": Dashboard.CodingKeys.allCases.map(\.rawValue),
        "owner": Owner.CodingKeys.allCases.map(\.rawValue),
        "instances": Device.CodingKeys.allCases.map(\.rawValue),
    ]

    /// Largest `iom.toml` that is read.
    static let fileByteCountMax = 1 << 16

    /// Reads the configuration of a root.
    package init(in root: Root) throws {
        let file = SmallFile("iom.toml", on: try root.disk(), byteCountMax: Self.fileByteCountMax)
        guard let text = try file.read() else {
            throw ConfigurationError(
                "\(root.configuration) is missing: restore it from a backup, or write one by the README"
            )
        }
        try self.init(toml: text)
    }

    /// Decodes TOML text.
    package init(toml: String) throws(ConfigurationError) {
        do {
            self = try TOMLDecoder(strictDecoding: true).decode(Self.self, from: toml)
        } catch let error as UnexpectedKeysError {
            throw Self.refusal(of: error.keys, lines: KeyLines(toml: toml))
        } catch let error as TOMLParseError {
            throw ConfigurationError(line: error.source.begin.line, error.description)
        } catch let error as DecodingError {
            throw Self.refusal(of: error, lines: KeyLines(toml: toml))
        } catch {
            throw ConfigurationError("iom.toml: \(error)")
        }
        lines = KeyLines(toml: toml)
        try readDevices()
        try check()
        policy = try Policy(self)
        try checkResponsibilities()
    }

    /// The first in the text is told.
    private static func refusal(of keys: [String: [any CodingKey]], lines: KeyLines) -> ConfigurationError {
        let places = keys.map { name, path in
            let above = path.map(\.stringValue).filter { $0 != name }
            return (name: name, above: above, line: lines[(above + [name]).joined(separator: ".")])
        }
        guard let first = places.min(by: { ($0.line ?? .max, $0.name) < ($1.line ?? .max, $1.name) }) else {
            return ConfigurationError("iom.toml has a key that is none")
        }
        let table = first.above.first ?? ""
        let place = table.isEmpty ? "" : " in [\(table)]"
        return ConfigurationError(
            line: first.line,
            "there is no key `\(first.name)`\(place)" + (hint(for: first.name, in: table).map { "; \($0)" } ?? "")
        )
    }

    /// Where a key belongs, or which one was probably meant.
    private static func hint(for name: String, in table: String) -> String? {
        if let owner = knownKeys.filter({ $0.value.contains(name) }).keys.min() {
            return owner.isEmpty ? "it belongs above the first table" : "it belongs in [\(owner)]"
        }
        let nearest =
            Spelling.nearest(to: name, among: knownKeys[table] ?? [])
            ?? Spelling.nearest(to: name, among: knownKeys.values.flatMap(\.self).sorted())
        return nearest.map { "did you mean `\($0)`?" }
    }

    private static func refusal(of error: DecodingError, lines: KeyLines) -> ConfigurationError {
        func key(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        }
        func refusal(_ context: DecodingError.Context, _ words: String) -> ConfigurationError {
            ConfigurationError(line: lines[key(context)], "`\(key(context))` \(words)")
        }
        return switch error {
        // TOMLKit says this of a key that has another type, too.
        case .keyNotFound(_, let context):
            lines.line(of: key(context)) == nil
                ? refusal(context, "is missing") : refusal(context, "should be \(words(for: context.debugDescription))")
        case .typeMismatch(let type, let context): refusal(context, "should be \(words(for: "\"\(type)\""))")
        case .valueNotFound(_, let context): refusal(context, "has no value")
        case .dataCorrupted(let context): refusal(context, "is wrong: \(context.debugDescription)")
        @unknown default: ConfigurationError("iom.toml: \(error)")
        }
    }

    /// A Swift type in a message of TOMLKit, as people call it.
    private static func words(for message: String) -> String {
        let types = ["\"Int\"": "a whole number", "\"Bool\"": "true or false", "\"String\"": "words in quotes"]
        return types.first { message.contains($0.key) }?.value ?? "a list or a table, as in the README"
    }

    /// The deadline of a fetch without progress (design 7).
    package var fetchDeadline: Duration { mount.fetchDeadline.flatMap(Duration.init(words:)) ?? .seconds(10) }
}
