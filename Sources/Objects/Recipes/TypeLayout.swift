/// A recipe made ready for writing and reading: inheritance resolved, tags as bytes, patterns compiled.
struct TypeLayout: Sendable {
    let type: String
    /// The first tag of an object and of an ID object.
    let opening: [UInt8]
    let idOpening: [UInt8]
    /// In the order of the recipe.
    let fields: [Field]
    let isVersioned: Bool

    /// Names no property may miss, though no recipe has them (one-format 1.1).
    static let ignoredNames = ["$versionHash$", "$type$"]

    /// A property: the tags around its value and what the value is.
    struct Field: Sendable {
        let name: String
        let opening: [UInt8]
        let closing: [UInt8]
        let shape: Shape
        let isOptional: Bool
        let isID: Bool
    }

    /// What a value is, and so how it is written.
    indirect enum Shape: Sendable {
        case string(PatternMatcher?)
        case integer
        case number
        case boolean
        case json
        case reference(Reference.Kind)
        case array(Shape)
        case bag(Shape)
        case set(Shape)
        case map(key: Shape, value: Shape)
        case object([Field])
    }
}

extension TypeLayout {
    /// nil: a rule inherits from a recipe that is not registered yet.
    init?(_ recipe: Recipe, _ resolver: InheritanceResolver) throws(MicrodataError) {
        var fields: [Field] = []
        for rule in recipe.rules {
            guard let resolved = try resolver.resolve(rule) else { return nil }
            fields.append(try Field(resolved, depth: 0))
        }
        type = recipe.name
        opening = Array("\(Microdata.objectPrefix)\(recipe.name)\">".utf8)
        idOpening = Array("\(Microdata.idObjectPrefix)\(recipe.name)\">".utf8)
        self.fields = fields
        isVersioned = recipe.isVersioned
    }
}

extension TypeLayout.Field {
    /// Takes a rule whose inheritance is resolved; what still inherits below it is a string (one-format 1.10).
    fileprivate init(_ rule: Recipe.Rule, depth: Int) throws(MicrodataError) {
        name = rule.name
        shape = try TypeLayout.Shape(rule.type ?? .string(pattern: nil), depth: depth)
        isOptional = rule.isOptional == true
        isID = rule.isID
        opening = Array("<\(shape.tag) itemprop=\"\(rule.name)\"\(shape.attribute)>".utf8)
        closing = Array("</\(shape.tag)>".utf8)
    }
}

extension TypeLayout.Shape {
    fileprivate init(_ type: ValueType, depth: Int) throws(MicrodataError) {
        guard depth <= ValueType.depthMax else { throw .invalid("types nested deeper than \(ValueType.depthMax)") }
        switch type {
        case .string(let pattern):
            guard let pattern else {
                self = .string(nil)
                return
            }
            self = .string(try PatternMatcher(pattern))
        case .integer: self = .integer
        case .number: self = .number
        case .boolean: self = .boolean
        case .stringifiable: self = .json
        case .objectReference: self = .reference(.object)
        case .idReference: self = .reference(.id)
        case .clobReference: self = .reference(.clob)
        case .blobReference: self = .reference(.blob)
        case .array(let item): self = .array(try Self(item, depth: depth + 1))
        case .bag(let item): self = .bag(try Self(item, depth: depth + 1))
        case .set(let item): self = .set(try Self(item, depth: depth + 1))
        case .map(let key, let value):
            self = .map(key: try Self(key, depth: depth + 1), value: try Self(value, depth: depth + 1))
        case .object(let rules):
            var fields: [TypeLayout.Field] = []
            for rule in rules { fields.append(try TypeLayout.Field(rule, depth: depth + 1)) }
            self = .object(fields)
        }
    }

    /// The tag of a property of this shape (one-format 1.2).
    fileprivate var tag: String {
        switch self {
        case .string, .integer, .number, .boolean, .json: "span"
        case .reference: "a"
        case .array: "ol"
        case .bag, .set: "ul"
        case .map: "dl"
        case .object: "div"
        }
    }

    fileprivate var attribute: String {
        guard case .reference(let kind) = self else { return "" }
        return " data-type=\"\(kind.linkType)\""
    }

    /// Whether JavaScript tells values of this shape apart by their text, so that a Set or Map has none twice.
    var isKeyedByText: Bool {
        switch self {
        case .string, .integer, .number, .boolean, .reference: true
        case .json, .array, .bag, .set, .map, .object: false
        }
    }
}
