/// A JSON value as `stringifiable` keeps it (one-format 1.7).
package indirect enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(JSONString)
    case array([JSON])
    /// Members in any order; no key twice.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package var key: JSONString
        package var value: JSON
        package init(_ key: JSONString, _ value: JSON) { (self.key, self.value) = (key, value) }
    }

    /// How deep values may be nested; ONE sets no limit, the stack does.
    package static let depthMax = 128
}

extension JSON {
    package static func string(_ text: String) -> JSON { .string(JSONString(text)) }

    package static func object(_ members: [(String, JSON?)]) -> JSON {
        .object(members.compactMap { key, value in value.map { Member(JSONString(key), $0) } })
    }

    /// The value of a member; nil if there is none or this is no object.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.utf16.elementsEqual(key.utf16) }?.value
    }

    /// A JavaScript set, or a map as an array of pairs: an array in the order of the items' texts.
    package static func sorted(_ items: [JSON]) throws(MicrodataError) -> JSON {
        var bytes: [UInt8] = []
        var keyed: [(text: Range<Int>, item: JSON)] = []
        for item in items {
            let start = bytes.count
            var writer = JSONWriter()
            try writer.write(item, depth: 0)
            bytes += writer.out
            keyed.append((start..<bytes.count, item))
        }
        bytes.withUnsafeBufferPointer { buffer in
            keyed.sort { UTF16Order.precedes($0.text, $1.text, in: buffer) }
        }
        return .array(keyed.map(\.item))
    }
}

extension JSON: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self = .string(text) }
}

/// A string of JSON: UTF-16 code units, because unpaired surrogates are allowed in it and a Swift string cannot hold them.
package struct JSONString: Hashable, Sendable {
    package var utf16: [UInt16]
    package init(utf16: [UInt16]) { self.utf16 = utf16 }
    package init(_ text: String) { utf16 = Array(text.utf16) }
    /// As a Swift string, unpaired surrogates replaced by U+FFFD.
    package var text: String { String(decoding: utf16, as: UTF16.self) }
}
