/// Reads microdata, accepting exactly what can be written (one-format 1.12), which includes the two shapes the reference
/// writes and cannot read (one-format 9 #1 and #2).
struct MicrodataReader {
    private let bytes: [UInt8]
    private var position = 0
    private let collectsReferences: Bool
    /// The references met, if asked for.
    private(set) var references: [Reference] = []
    private var path: [String] = []

    init(_ bytes: [UInt8], collectsReferences: Bool = false) throws(MicrodataError) {
        guard bytes.count <= Microdata.byteCountMax else { throw .malformed("too long", offset: bytes.count) }
        (self.bytes, self.collectsReferences) = (bytes, collectsReferences)
    }

    /// The whole text as an object or an ID object.
    mutating func object(isID: Bool, _ book: RecipeBook) throws(MicrodataError) -> OneObject {
        let layout = try layout(isID: isID, book)
        guard !isID || layout.isVersioned else { throw failure("\(layout.type) has no ID objects") }
        guard take(isID ? layout.idOpening : layout.opening) else { throw failure("not the first tag of an object") }
        let fields = isID ? layout.fields.filter(\.isID) : layout.fields
        let properties = try properties(fields, isTopLevel: true)
        guard take(Tag.divEnd) else { throw failure("not a property in its place") }
        guard position == bytes.count else { throw failure("text after the object") }
        return OneObject(type: layout.type, properties: properties)
    }

    /// Finds the type in the first tag.
    private func layout(isID: Bool, _ book: RecipeBook) throws(MicrodataError) -> TypeLayout {
        let prefix = isID ? Microdata.idObjectPrefix : Microdata.objectPrefix
        guard bytes.starts(with: prefix.utf8) else { throw failure("not the first tag of an object") }
        let name = bytes.dropFirst(prefix.utf8.count).prefix(Recipe.nameByteCountMax + 1)
        guard let end = name.firstIndex(of: UInt8(ascii: "\"")) else { throw failure("not the name of a type") }
        return try book.layout(of: name[..<end])
    }

    private mutating func properties(
        _ fields: [TypeLayout.Field],
        isTopLevel: Bool
    ) throws(MicrodataError) -> Properties {
        var properties = Properties()
        for field in fields {
            guard take(field.opening) else {
                guard field.isOptional else { throw failure("\(field.name) is missing") }
                continue
            }
            if collectsReferences { path.append(field.name) }
            let value = try content(field.shape)
            if collectsReferences { path.removeLast() }
            guard take(field.closing) else { throw failure("\(field.name) does not end") }
            if isTopLevel, case .json(.null) = value {
                // Here null itself would be a missing value: only a number that has no text is written so.
                properties.append(field.name, .json(.number(.nan)))
            } else {
                properties.append(field.name, value)
            }
        }
        return properties
    }

    /// What stands between the tags of a property, or between those of a collection.
    private mutating func content(_ shape: TypeLayout.Shape) throws(MicrodataError) -> Value {
        switch shape {
        case .string(let matcher):
            let text = try string()
            guard matcher?.matches(text) != false else { throw failure("a string not as its pattern demands") }
            return .string(text)
        case .integer:
            guard let number = NumberText.number(try text()), !number.isNaN, number == number.rounded(.towardZero)
            else {
                throw failure("not a whole number")
            }
            return .number(number)
        case .number:
            guard let number = NumberText.number(try text()) else { throw failure("not a number") }
            return .number(number)
        case .boolean:
            let text = try text()
            if text.elementsEqual(Tag.true) { return .boolean(true) }
            guard text.elementsEqual(Tag.false) else { throw failure("not true or false") }
            return .boolean(false)
        case .json: return .json(try json())
        case .reference(let kind): return .reference(try reference(kind))
        case .array(let item): return .list(try items(item, isSorted: false, isSet: false))
        case .bag(let item): return .list(try items(item, isSorted: true, isSet: false))
        case .set(let item): return .list(try items(item, isSorted: true, isSet: true))
        case .map(let key, let value): return .map(try entries(key, value))
        case .object(let fields): return .object(try properties(fields, isTopLevel: false))
        }
    }

    private mutating func inner(_ shape: TypeLayout.Shape) throws(MicrodataError) -> Value {
        guard take(shape.innerOpening) else { throw failure("not \(shape.name)") }
        let value = try content(shape)
        guard take(shape.innerClosing) else { throw failure("\(shape.name) does not end") }
        return value
    }

    private mutating func items(
        _ shape: TypeLayout.Shape,
        isSorted: Bool,
        isSet: Bool
    ) throws(MicrodataError) -> [Value] {
        var items: [Value] = []
        var texts: [Range<Int>] = []
        while true {
            let start = position
            guard take(Tag.li) else { break }
            items.append(try inner(shape))
            guard take(Tag.liEnd) else { throw failure("an item does not end") }
            if isSorted { texts.append(start..<position) }
        }
        guard isSorted else { return items }
        let order = TextOrder(texts, in: bytes)
        guard order.wasSorted else { throw failure("items out of order") }
        if isSet, shape.forbids(order.repeats(in: bytes), Tag.li.count, in: bytes) {
            throw failure("an item twice in a set")
        }
        return items
    }

    private mutating func entries(
        _ key: TypeLayout.Shape,
        _ value: TypeLayout.Shape
    ) throws(MicrodataError) -> [Value.MapEntry] {
        var entries: [Value.MapEntry] = []
        var keys: [Range<Int>] = []
        while true {
            let start = position
            guard take(Tag.dt) else { break }
            let key = try inner(key)
            keys.append(start..<position)
            guard take(Tag.dtEndDd) else { throw failure("a key does not end") }
            let value = try inner(value)
            guard take(Tag.ddEnd) else { throw failure("a value does not end") }
            entries.append(Value.MapEntry(key, value))
        }
        if key.forbids(TextOrder(keys, in: bytes).repeats(in: bytes), Tag.dt.count, in: bytes) {
            throw failure("a key twice in a map")
        }
        return entries
    }
}

extension MicrodataReader {
    private mutating func reference(_ kind: Reference.Kind) throws(MicrodataError) -> ObjectHash {
        guard let hash = ObjectHash(hex: try text()) else { throw failure("not a hash") }
        if collectsReferences { references.append(Reference(kind: kind, hash: hash, path: path)) }
        return hash
    }

    private mutating func json() throws(MicrodataError) -> JSON {
        let text = try unescaped()
        let json = try JSON(bytes: text)
        guard try json.canonicalBytes() == text else { throw failure("JSON not in canonical form") }
        return json
    }

    private mutating func string() throws(MicrodataError) -> String {
        guard let string = String(validating: try unescaped(), as: UTF8.self) else { throw failure("not UTF-8") }
        return string
    }

    private mutating func unescaped() throws(MicrodataError) -> [UInt8] {
        let escaped = try text()
        guard escaped.contains(UInt8(ascii: "&")) else { return Array(escaped) }
        var plain: [UInt8] = []
        plain.reserveCapacity(escaped.count)
        var rest = escaped
        while let byte = rest.first {
            if byte != UInt8(ascii: "&") {
                plain.append(byte)
                rest.removeFirst()
            } else if rest.starts(with: Tag.ampersand) {
                plain.append(byte)
                rest.removeFirst(Tag.ampersand.count)
            } else if rest.starts(with: Tag.less) {
                plain.append(UInt8(ascii: "<"))
                rest.removeFirst(Tag.less.count)
            } else if rest.starts(with: Tag.greater) {
                plain.append(UInt8(ascii: ">"))
                rest.removeFirst(Tag.greater.count)
            } else {
                throw failure("a bare &")
            }
        }
        return plain
    }

    /// The bytes up to the next tag.
    private mutating func text() throws(MicrodataError) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            guard bytes[position] != UInt8(ascii: ">") else { throw failure("a bare >") }
            position += 1
        }
        return bytes[start..<position]
    }

    /// Steps over these bytes if they are here.
    private mutating func take(_ expected: [UInt8]) -> Bool {
        guard bytes.count - position >= expected.count else { return false }
        for (offset, byte) in expected.enumerated() where bytes[position + offset] != byte { return false }
        position += expected.count
        return true
    }

    private func failure(_ reason: String) -> MicrodataError { .malformed(reason, offset: position) }
}
