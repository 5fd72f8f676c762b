/// The fixed texts of microdata (one-format 1.2).
enum Tag {
    static let divEnd = Array("</div>".utf8)
    static let li = Array("<li>".utf8)
    static let liEnd = Array("</li>".utf8)
    static let dt = Array("<dt>".utf8)
    static let dtEndDd = Array("</dt><dd>".utf8)
    static let ddEnd = Array("</dd>".utf8)
    static let `true` = Array("true".utf8)
    static let `false` = Array("false".utf8)
    static let ampersand = Array("&amp;".utf8)
    static let less = Array("&lt;".utf8)
    static let greater = Array("&gt;".utf8)
    static let nameEnd = Array("\">".utf8)

    static let none: [UInt8] = []
    static let div = Array("<div>".utf8)
    static let ol = Array("<ol>".utf8)
    static let olEnd = Array("</ol>".utf8)
    static let ul = Array("<ul>".utf8)
    static let ulEnd = Array("</ul>".utf8)
    static let dl = Array("<dl>".utf8)
    static let dlEnd = Array("</dl>".utf8)
    static let anchorEnd = Array("</a>".utf8)
    static let anchors = [Reference.Kind.object, .id, .clob, .blob].map {
        Array("<a data-type=\"\($0.linkType)\">".utf8)
    }
}

extension TypeLayout.Shape {
    /// What stands before a value of this shape inside a collection.
    var innerOpening: [UInt8] {
        switch self {
        case .string, .integer, .number, .boolean, .json: Tag.none
        case .reference(let kind): Tag.anchors[Int(kind.rawValue)]
        case .array: Tag.ol
        case .bag, .set: Tag.ul
        case .map: Tag.dl
        case .object: Tag.div
        }
    }

    /// What stands behind it.
    var innerClosing: [UInt8] {
        switch self {
        case .string, .integer, .number, .boolean, .json: Tag.none
        case .reference: Tag.anchorEnd
        case .array: Tag.olEnd
        case .bag, .set: Tag.ulEnd
        case .map: Tag.dlEnd
        case .object: Tag.divEnd
        }
    }

    /// For messages.
    var name: String {
        switch self {
        case .string: "a string"
        case .integer, .number: "a number"
        case .boolean: "true or false"
        case .json: "JSON"
        case .reference: "a reference"
        case .array, .bag, .set: "a list"
        case .map: "a map"
        case .object: "an object"
        }
    }

    /// Whether a Set or the keys of a Map cannot have texts this often.
    ///
    /// NaN and the two infinities are different values with the same text, `null`.
    func forbids(_ repeats: [TextOrder.Repeat], _ openingCount: Int, in bytes: [UInt8]) -> Bool {
        guard isKeyedByText else { return false }
        return repeats.contains { found in
            guard case .number = self, found.count <= 3 else { return true }
            return !bytes[found.text.dropFirst(openingCount)].starts(with: "null".utf8)
        }
    }
}

extension MicrodataError {
    /// The same with the name of the property it happened in.
    func inside(_ name: String) -> MicrodataError {
        guard case .invalid(let reason) = self else { return self }
        return .invalid("\(name): \(reason)")
    }
}

extension TypeLayout {
    func knows(_ name: String) -> Bool {
        fields.contains { $0.name.utf8.elementsEqual(name.utf8) }
            || Self.ignoredNames.contains { $0.utf8.elementsEqual(name.utf8) }
    }
}
