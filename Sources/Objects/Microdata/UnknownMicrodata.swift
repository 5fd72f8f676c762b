/// Microdata of a type whose recipe nobody here knows, read by the grammar alone (one-format 1.2): whether it can be
/// microdata at all, and what it refers to.
///
/// What a recipe decides cannot be checked: which properties there are, in which order, and what their texts mean.
struct UnknownMicrodata {
    /// How deep values may be nested.
    private static let depthMax = ValueType.depthMax

    private let bytes: [UInt8]
    private var position = 0
    private(set) var references: [Reference] = []
    private var path: [String] = []

    init(_ bytes: [UInt8]) throws(MicrodataError) {
        guard bytes.count <= Microdata.byteCountMax else { throw .malformed("too long", offset: bytes.count) }
        self.bytes = bytes
    }

    /// The whole text as an object or an ID object.
    mutating func read() throws(MicrodataError) {
        let prefixes = [Microdata.objectPrefix, Microdata.idObjectPrefix].map { Array($0.utf8) }
        guard prefixes.contains(where: { take($0) }) else { throw failure("not the first tag of an object") }
        _ = try name()
        guard take(Tag.nameEnd) else { throw failure("not the name of a type") }
        try properties(depth: 0)
        guard take(Tag.divEnd), position == bytes.count else { throw failure("not a property in its place") }
    }

    private mutating func properties(depth: Int) throws(MicrodataError) {
        while let tag = propertyTag() {
            let name = try name()
            path.append(name)
            switch tag {
            case .span:
                guard take(Tag.nameEnd) else { throw failure("not the tag of a property") }
                try text()
            case .anchor:
                guard take(Tag.linkTypeStart), let kind = referenceKind() else {
                    throw failure("not the tag of a reference")
                }
                try reference(kind)
            case .ol, .ul, .dl, .div:
                guard take(Tag.nameEnd) else { throw failure("not the tag of a property") }
                try collection(tag, depth: depth + 1)
            }
            guard take(tag.end) else { throw failure("\(name.prefix(80)) does not end") }
            path.removeLast()
        }
    }

    /// What stands between the tags of a list, a map or a nested object.
    private mutating func collection(_ tag: PropertyTag, depth: Int) throws(MicrodataError) {
        guard depth <= Self.depthMax else { throw failure("nested deeper than \(Self.depthMax)") }
        switch tag {
        case .ol, .ul: try items(isSorted: tag == .ul, depth: depth)
        case .dl: try entries(depth: depth)
        case .div: try properties(depth: depth)
        case .span, .anchor: break
        }
    }

    private mutating func items(isSorted: Bool, depth: Int) throws(MicrodataError) {
        var texts: [Range<Int>] = []
        while case let start = position, take(Tag.li) {
            try inner(depth: depth)
            guard take(Tag.liEnd) else { throw failure("an item does not end") }
            if isSorted { texts.append(start..<position) }
        }
        guard TextOrder(texts, in: bytes).wasSorted else { throw failure("items out of order") }
    }

    private mutating func entries(depth: Int) throws(MicrodataError) {
        while take(Tag.dt) {
            try inner(depth: depth)
            guard take(Tag.dtEndDd) else { throw failure("a key does not end") }
            try inner(depth: depth)
            guard take(Tag.ddEnd) else { throw failure("a value does not end") }
        }
    }

    private mutating func inner(depth: Int) throws(MicrodataError) {
        if take(Tag.anchorStart) {
            guard let kind = referenceKind() else { throw failure("not the tag of a reference") }
            try reference(kind)
            guard take(Tag.anchorEnd) else { throw failure("a reference does not end") }
            return
        }
        for tag in [PropertyTag.ol, .ul, .dl, .div] where take(tag.innerOpening) {
            try collection(tag, depth: depth + 1)
            guard take(tag.end) else { throw failure("a value does not end") }
            return
        }
        try text()
    }
}

extension UnknownMicrodata {
    private enum PropertyTag: CaseIterable {
        case span, anchor, ol, ul, dl, div

        private var word: String { self == .anchor ? "a" : "\(self)" }
        var opening: [UInt8] { Array("<\(word) itemprop=\"".utf8) }
        var innerOpening: [UInt8] { Array("<\(word)>".utf8) }
        var end: [UInt8] { Array("</\(word)>".utf8) }
    }

    private mutating func propertyTag() -> PropertyTag? { PropertyTag.allCases.first { take($0.opening) } }

    /// What follows `data-type="`, with the end of the tag.
    private mutating func referenceKind() -> Reference.Kind? {
        [Reference.Kind.object, .id, .clob, .blob].first { take(Array($0.linkType.utf8) + Tag.nameEnd) }
    }

    private mutating func reference(_ kind: Reference.Kind) throws(MicrodataError) {
        let end = position + 2 * ObjectHash.byteCount
        guard end <= bytes.count, let hash = ObjectHash(hex: bytes[position..<end]) else { throw failure("not a hash") }
        position = end
        references.append(Reference(kind: kind, hash: hash, path: path))
    }

    /// The name of a type or a property, up to the quote behind it.
    private mutating func name() throws(MicrodataError) -> String {
        let rest = bytes[position...].prefix(Recipe.nameByteCountMax + 1)
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")), end > position,
            let name = String(validating: bytes[position..<end], as: UTF8.self), Recipe.isName(name)
        else { throw failure("not a name") }
        position = end
        return name
    }

    /// Text as it can have been written, up to the next tag.
    private mutating func text() throws(MicrodataError) {
        let start = position
        while position < bytes.count, bytes[position] != UInt8(ascii: "<") {
            switch bytes[position] {
            case UInt8(ascii: ">"): throw failure("a bare >")
            case UInt8(ascii: "&"):
                let escapes = [Tag.ampersand, Tag.less, Tag.greater]
                guard escapes.contains(where: { take($0) }) else { throw failure("a bare &") }
            default: position += 1
            }
        }
        guard String(validating: bytes[start..<position], as: UTF8.self) != nil else { throw failure("not UTF-8") }
    }

    /// Steps over these bytes if they are here.
    private mutating func take(_ expected: [UInt8]) -> Bool {
        guard bytes[position...].starts(with: expected) else { return false }
        position += expected.count
        return true
    }

    private func failure(_ reason: String) -> MicrodataError { .malformed(reason, offset: position) }
}

extension Tag {
    /// What stands between the name of a reference and its kind, and before the kind of one in a collection.
    fileprivate static let linkTypeStart = Array("\" data-type=\"".utf8)
    fileprivate static let anchorStart = Array("<a data-type=\"".utf8)
}
