/// Writes microdata (one-format 1.3).
struct MicrodataWriter {
    private(set) var out: [UInt8] = []

    init() { out.reserveCapacity(512) }

    mutating func write(_ object: OneObject, _ layout: TypeLayout) throws(MicrodataError) {
        out += layout.opening
        let written = try write(object.properties, layout.fields, isTopLevel: true)
        out += Tag.divEnd
        guard written < object.properties.items.count else { return }
        for item in object.properties.items where !layout.knows(item.name) {
            throw .invalid("\(item.name): not a property of \(object.type)")
        }
    }

    mutating func writeID(_ object: OneObject, _ layout: TypeLayout) throws(MicrodataError) {
        out += layout.idOpening
        _ = try write(object.properties, layout.fields.filter(\.isID), isTopLevel: true)
        out += Tag.divEnd
    }

    /// Writes properties in the order of the rules; returns how many there were.
    private mutating func write(
        _ properties: Properties,
        _ fields: [TypeLayout.Field],
        isTopLevel: Bool
    ) throws(MicrodataError) -> Int {
        var found = 0
        for field in fields {
            guard let value = properties.value(field.name, near: found) else {
                guard field.isOptional else { throw .invalid("\(field.name): missing") }
                continue
            }
            found += 1
            // Only at the top level is null the same as missing (one-format 1.7, 1.9).
            if isTopLevel, case .json(.null) = value, case .json = field.shape {
                guard field.isOptional else { throw .invalid("\(field.name): missing") }
                continue
            }
            do throws(MicrodataError) {
                out += field.opening
                try writeContent(value, field.shape)
                out += field.closing
            } catch {
                throw error.inside(field.name)
            }
        }
        return found
    }

    /// Writes what stands between the tags of a property, or between those of a collection.
    private mutating func writeContent(_ value: Value, _ shape: TypeLayout.Shape) throws(MicrodataError) {
        switch (shape, value) {
        case (.string(let matcher), .string(let text)):
            guard matcher?.matches(text) != false else { throw .invalid("not as its pattern demands") }
            appendEscaped(text)
        case (.integer, .number(let number)):
            guard number.isFinite, number == number.rounded(.towardZero) else { throw .invalid("not a whole number") }
            NumberText.append(number, to: &out)
        case (.number, .number(let number)): NumberText.append(number, to: &out)
        case (.boolean, .boolean(let value)): out += value ? Tag.true : Tag.false
        case (.json, .json(let json)):
            try json.canonicalBytes().withUnsafeBufferPointer { appendEscaped($0) }
        case (.reference, .reference(let hash)): hash.appendHex(to: &out)
        case (.array(let item), .list(let items)): try writeItems(items, item)
        case (.bag(let item), .list(let items)): try writeSorted(items, item, isSet: false)
        case (.set(let item), .list(let items)): try writeSorted(items, item, isSet: true)
        case (.map(let key, let value), .map(let entries)): try writeEntries(entries, key, value)
        case (.object(let fields), .object(let properties)):
            _ = try write(properties, fields, isTopLevel: false)
        default: throw .invalid("not \(shape.name)")
        }
    }

    /// Writes a value inside a collection, where tags carry no name.
    private mutating func writeInner(_ value: Value, _ shape: TypeLayout.Shape) throws(MicrodataError) {
        out += shape.innerOpening
        try writeContent(value, shape)
        out += shape.innerClosing
    }

    private mutating func writeItems(_ items: [Value], _ shape: TypeLayout.Shape) throws(MicrodataError) {
        for item in items { try writeItem(item, shape) }
    }

    private mutating func writeItem(_ item: Value, _ shape: TypeLayout.Shape) throws(MicrodataError) {
        out += Tag.li
        try writeInner(item, shape)
        out += Tag.liEnd
    }

    /// Items in the order of their complete texts, `<li>` and `</li>` included (one-format 1.8).
    private mutating func writeSorted(
        _ items: [Value],
        _ shape: TypeLayout.Shape,
        isSet: Bool
    ) throws(MicrodataError) {
        var texts: [Range<Int>] = []
        texts.reserveCapacity(items.count)
        for item in items {
            let start = out.count
            try writeItem(item, shape)
            texts.append(start..<out.count)
        }
        let order = TextOrder(texts, in: out)
        if isSet, shape.forbids(order.repeats(in: out), Tag.li.count, in: out) {
            throw .invalid("an item twice in a set")
        }
        guard !order.wasSorted, let start = texts.first?.lowerBound else { return }
        var sorted: [UInt8] = []
        sorted.reserveCapacity(out.count - start)
        for text in order.sorted { sorted += out[text] }
        out.replaceSubrange(start..., with: sorted)
    }

    private mutating func writeEntries(
        _ entries: [Value.MapEntry],
        _ key: TypeLayout.Shape,
        _ value: TypeLayout.Shape
    ) throws(MicrodataError) {
        var keys: [Range<Int>] = []
        keys.reserveCapacity(entries.count)
        for entry in entries {
            let start = out.count
            out += Tag.dt
            try writeInner(entry.key, key)
            keys.append(start..<out.count)
            out += Tag.dtEndDd
            try writeInner(entry.value, value)
            out += Tag.ddEnd
        }
        let repeats = TextOrder(keys, in: out).repeats(in: out)
        if key.forbids(repeats, Tag.dt.count, in: out) { throw .invalid("a key twice in a map") }
    }

    /// Appends text with the three replacements (one-format 1.4).
    private mutating func appendEscaped(_ text: String) {
        var text = text
        text.withUTF8 { appendEscaped($0) }
    }

    private mutating func appendEscaped(_ text: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for (index, byte) in text.enumerated() {
            let replacement: [UInt8]
            switch byte {
            case UInt8(ascii: "&"): replacement = Tag.ampersand
            case UInt8(ascii: "<"): replacement = Tag.less
            case UInt8(ascii: ">"): replacement = Tag.greater
            default: continue
            }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
            out += replacement
            start = index + 1
        }
        out.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    }
}
