extension JSON {
    /// The canonical text, UTF-8 (one-format 1.7).
    ///
    /// Refuses keys that could not be read back and too much nesting.
    package func canonicalBytes() throws(MicrodataError) -> [UInt8] {
        var writer = JSONWriter()
        try writer.write(self, depth: 0)
        return writer.out
    }
}

/// Writes canonical JSON (one-format 1.7).
struct JSONWriter {
    var out: [UInt8] = []

    mutating func write(_ json: JSON, depth: Int) throws(MicrodataError) {
        guard depth <= JSON.depthMax else { throw .invalid("JSON nested deeper than \(JSON.depthMax)") }
        switch json {
        case .null: out += "null".utf8
        case .boolean(let value): out += (value ? "true" : "false").utf8
        case .number(let value): NumberText.append(value, to: &out)
        case .string(let text): write(text)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                try write(item, depth: depth + 1)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members): try write(members, depth: depth)
        }
    }

    private mutating func write(_ members: [JSON.Member], depth: Int) throws(MicrodataError) {
        let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
        out.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 {
                guard sorted[index - 1].key != member.key else { throw .invalid("JSON key \(member.key.text) twice") }
                out.append(UInt8(ascii: ","))
            }
            try writeKey(member.key)
            try write(member.value, depth: depth + 1)
        }
        out.append(UInt8(ascii: "}"))
    }

    /// Keys are written without escaping: one that needs it could not be read back.
    private mutating func writeKey(_ key: JSONString) throws(MicrodataError) {
        let start = out.count
        write(key)
        guard !out[start...].contains(UInt8(ascii: "\\")) else { throw .invalid("JSON key \(key.text) needs escaping") }
        out.append(UInt8(ascii: ":"))
    }

    private mutating func write(_ text: JSONString) {
        out.append(UInt8(ascii: "\""))
        var units = text.utf16[...]
        while let unit = units.popFirst() {
            switch unit {
            case 0x22: out += #"\""#.utf8
            case 0x5C: out += #"\\"#.utf8
            case 0x08: out += #"\b"#.utf8
            case 0x09: out += #"\t"#.utf8
            case 0x0A: out += #"\n"#.utf8
            case 0x0C: out += #"\f"#.utf8
            case 0x0D: out += #"\r"#.utf8
            case ..<0x20: writeEscape(unit)
            case ..<0x80: out.append(UInt8(truncatingIfNeeded: unit))
            default: write(unit, &units)
            }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// A character that is not ASCII: with its second half if it has one, escaped if it is an unpaired surrogate.
    private mutating func write(_ unit: UInt16, _ rest: inout ArraySlice<UInt16>) {
        var code = UInt32(unit)
        if UTF16.isLeadSurrogate(unit), let low = rest.first, UTF16.isTrailSurrogate(low) {
            rest.removeFirst()
            code = 0x10000 + (code - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        }
        if let scalar = Unicode.Scalar(code) {
            out += String(Character(scalar)).utf8
        } else {
            writeEscape(unit)
        }
    }

    private mutating func writeEscape(_ unit: UInt16) {
        out += #"\u"#.utf8
        out += Hex.text([UInt8(unit >> 8), UInt8(unit & 0xFF)]).utf8
    }
}
