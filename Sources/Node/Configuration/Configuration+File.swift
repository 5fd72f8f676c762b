package import Storage
import TOMLKit

/// Why `iom.toml` cannot be used: one sentence that names the line or the key, and the way out.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

extension Configuration {
    /// Every key there is, for telling the nearest one to a key that is none.
    private static let knownKeys: [String] =
        CodingKeys.allCases.map(\.rawValue) + Instance.CodingKeys.allCases.map(\.rawValue)
        + Storage.CodingKeys.allCases.map(\.rawValue) + Mount.CodingKeys.allCases.map(\.rawValue)
        + ["provider", "prefetch", "lazy", "protocol", "encryption", "compression", "strategies", "endpoint"]

    /// Largest `iom.toml` that is read.
    static let fileByteCountMax = 1 << 20

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
            let key = error.keys.keys.sorted().first ?? ""
            let nearest = Spelling.nearest(to: key, among: Self.knownKeys)
            throw ConfigurationError(
                "iom.toml: there is no key `\(key)`" + (nearest.map { "; did you mean `\($0)`?" } ?? "")
            )
        } catch let error as TOMLParseError {
            throw ConfigurationError("iom.toml, line \(error.source.begin.line): \(error.description)")
        } catch let error as DecodingError {
            throw ConfigurationError("iom.toml: \(Self.words(for: error))")
        } catch {
            throw ConfigurationError("iom.toml: \(error)")
        }
        try check()
    }

    private static func words(for error: DecodingError) -> String {
        func place(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error {
        case .keyNotFound(let key, let context):
            "`\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))` is missing"
        case .typeMismatch(let type, let context): "`\(place(context))` should be of type \(type)"
        case .valueNotFound(_, let context): "`\(place(context))` has no value"
        case .dataCorrupted(let context): "`\(place(context))`: \(context.debugDescription)"
        @unknown default: "\(error)"
        }
    }

    /// What the types cannot say.
    private func check() throws(ConfigurationError) {
        if sync.encryption == false {
            throw ConfigurationError(
                "iom.toml: `sync.encryption = false` is refused: everything between instances is encrypted"
            )
        }
        if let `protocol` = sync.protocol, `protocol` != "chum" {
            throw ConfigurationError("iom.toml: `sync.protocol` can only be \"chum\", not \"\(`protocol`)\"")
        }
        if let text = mount.fetchDeadline, Duration(words: text) == nil {
            throw ConfigurationError("iom.toml: `mount.fetch_deadline = \"\(text)\"` is no duration such as \"10s\"")
        }
        if let text = storage.maxObjectAge, Duration(words: text) == nil {
            throw ConfigurationError("iom.toml: `storage.max_object_age = \"\(text)\"` is no duration such as \"30d\"")
        }
        if let text = storage.maxStorage, text != "unlimited", ByteCount(words: text) == nil {
            throw ConfigurationError("iom.toml: `storage.max_storage = \"\(text)\"` is no size such as \"500MB\"")
        }
        if let days = storage.keepRecentDays, days < 0 {
            throw ConfigurationError("iom.toml: `storage.keep_recent_days` cannot be negative")
        }
    }

    /// The deadline of a fetch without progress (design 7).
    package var fetchDeadline: Duration { mount.fetchDeadline.flatMap(Duration.init(words:)) ?? .seconds(10) }
}
