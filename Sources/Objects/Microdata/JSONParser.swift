extension JSON {
    /// Reads JSON (RFC 8259), in canonical form or not.
    ///
    /// Refuses a key twice, too much nesting and too much text.
    package init(bytes: [UInt8]) throws(MicrodataError) {
        guard bytes.count <= Microdata.byteCountMax else { throw .malformed("JSON too long", offset: 0) }
        var parser = JSONParser(bytes: bytes)
        self = try parser.document()
    }
}

/// A recursive descent over the bytes of one JSON text (RFC 8259).
struct JSONParser {
    let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(MicrodataError) -> JSON {
        let json = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure("text after the value") }
        return json
    }

    private mutating func value(depth: Int) throws(MicrodataError) -> JSON {
        guard depth <= JSON.depthMax else { throw failure("nested deeper than \(JSON.depthMax)") }
        skipSpace()
        switch peek {
        case UInt8(ascii: "{"): return try .object(members(depth: depth))
        case UInt8(ascii: "["): return try .array(items(depth: depth))
        case UInt8(ascii: "\""): return try .string(string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func items(depth: Int) throws(MicrodataError) -> [JSON] {
        position += 1
        skipSpace()
        var items: [JSON] = []
        if take("]") { return items }
        while true {
            items.append(try value(depth: depth + 1))
            skipSpace()
            if take("]") { return items }
            guard take(",") else { throw failure("expected , or ]") }
        }
    }

    private mutating func members(depth: Int) throws(MicrodataError) -> [JSON.Member] {
        position += 1
        skipSpace()
        var members: [JSON.Member] = []
        if take("}") { return members }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw failure("expected a key") }
            let key = try string()
            skipSpace()
            guard take(":") else { throw failure("expected :") }
            members.append(JSON.Member(key, try value(depth: depth + 1)))
            skipSpace()
            if take("}") { break }
            guard take(",") else { throw failure("expected , or }") }
        }
        guard Set(members.map(\.key)).count == members.count else { throw failure("a key twice") }
        return members
    }

    private mutating func number() throws(MicrodataError) -> JSON {
        let start = position
        _ = take("-")
        let first = peek
        let whole = skipDigits()
        guard whole > 0, whole == 1 || first != UInt8(ascii: "0") else { throw failure("expected a value") }
        if take(".") {
            guard skipDigits() > 0 else { throw failure("expected a digit") }
        }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            guard skipDigits() > 0 else { throw failure("expected a digit") }
        }
        guard let value = Double(Substring(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw failure("not a number")
        }
        return .number(value)
    }

    private mutating func string() throws(MicrodataError) -> JSONString {
        position += 1
        var units: [UInt16] = []
        while true {
            let start = position
            while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                position += 1
            }
            guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
                throw failure("not UTF-8")
            }
            units += text.utf16
            if take("\"") { return JSONString(utf16: units) }
            guard take("\\") else { throw failure("unfinished string") }
            units.append(try escape())
        }
    }

    private mutating func escape() throws(MicrodataError) -> UInt16 {
        guard let byte = peek else { throw failure("unfinished escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"):
            let digits = bytes[position..<min(position + 4, bytes.count)]
            guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
                let unit = UInt16(Substring(decoding: digits, as: UTF8.self), radix: 16)
            else { throw failure("expected four hexadecimal digits") }
            position += 4
            return unit
        default: throw failure("unknown escape")
        }
    }

    private mutating func word(_ text: StaticString, _ json: JSON) throws(MicrodataError) -> JSON {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count, bytes[position..<end].elementsEqual(text.description.utf8) else {
            throw failure("expected a value")
        }
        position = end
        return json
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func failure(_ reason: String) -> MicrodataError { .malformed("JSON: \(reason)", offset: position) }
}
