extension ValueType {
    /// Reads an `itemtype` (one-format 1.5); only the fields of the type may be given.
    init(json: JSON, depth: Int = 0) throws(MicrodataError) {
        guard depth <= Self.depthMax else { throw .invalid("types nested deeper than \(Self.depthMax)") }
        let fields = try RecipeFields(json, "an itemtype")
        let name = try fields.string("type") ?? ""
        switch name {
        case "string":
            self = .string(pattern: try fields.string("regexp").map { Pattern($0) })
        case "integer":
            self = .integer(min: try fields.number("min"), max: try fields.number("max"))
        case "number":
            self = .number(min: try fields.number("min"), max: try fields.number("max"))
        case "boolean": self = .boolean
        case "stringifiable": self = .stringifiable
        case "referenceToObj": self = .objectReference(allowed: try fields.strings("allowedTypes"))
        case "referenceToId": self = .idReference(allowed: try fields.strings("allowedTypes"))
        case "referenceToClob": self = .clobReference
        case "referenceToBlob": self = .blobReference
        case "array": self = .array(try fields.type("item", depth))
        case "bag": self = .bag(try fields.type("item", depth))
        case "set": self = .set(try fields.type("item", depth))
        case "map": self = .map(key: try fields.type("key", depth), value: try fields.type("value", depth))
        case "object":
            var rules: [Recipe.Rule] = []
            for rule in try fields.items("rules") { rules.append(try Recipe.Rule(json: rule, depth: depth + 1)) }
            self = .object(rules)
        default: throw .invalid("type \(name) is unknown")
        }
        try fields.allowOnly(["type"] + optionNames)
    }

    /// The names of the fields besides `type`.
    private var optionNames: [String] {
        switch self {
        case .string: ["regexp"]
        case .integer, .number: ["min", "max"]
        case .boolean, .stringifiable, .clobReference, .blobReference: []
        case .objectReference, .idReference: ["allowedTypes"]
        case .array, .bag, .set: ["item"]
        case .map: ["key", "value"]
        case .object: ["rules"]
        }
    }

    /// The `itemtype`.
    var json: JSON {
        switch self {
        case .string(let pattern): .object([("type", "string"), ("regexp", pattern.map { .string($0.source) })])
        case .integer(let min, let max): Self.json("integer", min, max)
        case .number(let min, let max): Self.json("number", min, max)
        case .boolean: .object([("type", "boolean")])
        case .stringifiable: .object([("type", "stringifiable")])
        case .objectReference(let allowed): Self.json("referenceToObj", allowed)
        case .idReference(let allowed): Self.json("referenceToId", allowed)
        case .clobReference: .object([("type", "referenceToClob")])
        case .blobReference: .object([("type", "referenceToBlob")])
        case .array(let item): .object([("type", "array"), ("item", item.json)])
        case .bag(let item): .object([("type", "bag"), ("item", item.json)])
        case .set(let item): .object([("type", "set"), ("item", item.json)])
        case .map(let key, let value): .object([("type", "map"), ("key", key.json), ("value", value.json)])
        case .object(let rules): .object([("type", "object"), ("rules", .array(rules.map(\.json)))])
        }
    }

    private static func json(_ type: JSON, _ min: Double?, _ max: Double?) -> JSON {
        .object([("type", type), ("min", min.map { .number($0) }), ("max", max.map { .number($0) })])
    }

    /// `allowedTypes` is a set: in the order of the texts.
    private static func json(_ type: JSON, _ allowed: [String]) -> JSON {
        let names = allowed.map { JSONString("\"\($0)\"") }
            .sorted { $0.utf16.lexicographicallyPrecedes($1.utf16) }
            .map { JSON.string(JSONString(utf16: Array($0.utf16.dropFirst().dropLast()))) }
        return .object([("type", type), ("allowedTypes", .array(names))])
    }
}

extension Recipe.Rule {
    /// Reads a nested rule, one of an `object` type.
    init(json: JSON, depth: Int) throws(MicrodataError) {
        let fields = try RecipeFields(json, "a rule")
        try fields.allowOnly(["itemprop", "itemtype", "optional", "isId", "inheritFrom"])
        guard let name = try fields.string("itemprop") else { throw .invalid("a rule without itemprop") }
        var type: ValueType?
        if let json = json["itemtype"] { type = try ValueType(json: json, depth: depth) }
        var inheritance: Recipe.Inheritance?
        if let json = json["inheritFrom"] { inheritance = try Recipe.Inheritance(json: json) }
        self.init(
            name,
            type,
            optional: try fields.boolean("optional"),
            isID: try fields.boolean("isId"),
            inheritFrom: inheritance
        )
    }

    var json: JSON {
        .object([
            ("itemprop", .string(name)), ("itemtype", type?.json), ("optional", isOptional.map { .boolean($0) }),
            ("isId", idMark.map { .boolean($0) }), ("inheritFrom", inheritance?.json),
        ])
    }
}

extension Recipe.Inheritance {
    init(json: JSON) throws(MicrodataError) {
        if case .string(let rule) = json {
            self.init(rule: rule.text)
            return
        }
        let fields = try RecipeFields(json, "inheritFrom")
        try fields.allowOnly(["rule", "extract"])
        guard let rule = try fields.string("rule") else { throw .invalid("inheritFrom without rule") }
        self.init(rule: rule, extract: try fields.string("extract"))
        guard let extract else { throw .invalid("inheritFrom without extract") }
        guard extract == "CollectionItemType" || extract == "MapItemType" else {
            throw .invalid("extract \(extract) is unknown")
        }
    }

    var json: JSON {
        guard let extract else { return .string(rule) }
        return .object([("rule", .string(rule)), ("extract", .string(extract))])
    }
}
