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
}

/// A string of JSON: UTF-16 code units, because unpaired surrogates are allowed in it and a Swift string cannot hold them.
package struct JSONString: Hashable, Sendable {
    package var utf16: [UInt16]
    package init(utf16: [UInt16]) { self.utf16 = utf16 }
    package init(_ text: String) { utf16 = Array(text.utf16) }
    /// As a Swift string, unpaired surrogates replaced by U+FFFD.
    package var text: String { String(decoding: utf16, as: UTF16.self) }
}
