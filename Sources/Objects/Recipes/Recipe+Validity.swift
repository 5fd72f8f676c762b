extension Recipe {
    /// Most rules a recipe may have, at one level; ONE's largest has 30.
    static let ruleCountMax = 1_000
    /// Longest name of a type or property, in bytes of UTF-8.
    static let nameByteCountMax = 1_000

    /// Refuses a recipe that cannot be written and read unambiguously (one-format 1.11).
    ///
    /// Beyond the reference it refuses a quote in a property's name, which would end the attribute, and a property
    /// twice at the top level.
    package func validate() throws(MicrodataError) {
        guard Self.isName(name), !name.utf8.contains(where: { $0 == UInt8(ascii: "\\") }) else {
            throw .invalid("\(name) cannot be the name of a type")
        }
        try Self.validate(rules, isTopLevel: true, depth: 0)
    }

    private static func validate(_ rules: [Rule], isTopLevel: Bool, depth: Int) throws(MicrodataError) {
        guard rules.count <= ruleCountMax else { throw .invalid("more than \(ruleCountMax) rules") }
        guard Set(rules.map { Array($0.name.utf8) }).count == rules.count else { throw .invalid("a property twice") }
        for rule in rules {
            guard isName(rule.name) else { throw .invalid("\(rule.name) cannot be the name of a property") }
            guard isTopLevel || !rule.isID else { throw .invalid("\(rule.name): isId below the top level") }
            if let type = rule.type { try type.validate(depth: depth + 1) }
            if let inheritance = rule.inheritance, inheritance.target == nil {
                throw .invalid("\(rule.name): inherits from \(inheritance.rule)")
            }
        }
    }

    /// Whether this can stand in an attribute and a path: not empty, no space, no `<`, `>`, `.`, `"` or control character.
    static func isName(_ name: String) -> Bool {
        (1...nameByteCountMax).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.value >= 0x20 && !"<>.\"".unicodeScalars.contains(scalar)
                    && !CharacterClass.isSpace(scalar.value)
            }
    }

    fileprivate static func validate(nested rules: [Rule], depth: Int) throws(MicrodataError) {
        guard !rules.isEmpty else { throw .invalid("an object type without rules") }
        try validate(rules, isTopLevel: false, depth: depth)
    }
}

extension ValueType {
    fileprivate func validate(depth: Int) throws(MicrodataError) {
        guard depth <= Self.depthMax else { throw .invalid("types nested deeper than \(Self.depthMax)") }
        switch self {
        case .integer(let min, let max), .number(let min, let max):
            guard let min, let max else { return }
            guard max > min else { throw .invalid("max is not above min") }
        case .array(let item), .bag(let item), .set(let item): try item.validate(depth: depth + 1)
        case .map(let key, let value):
            try key.validate(depth: depth + 1)
            try value.validate(depth: depth + 1)
            switch key {
            case .array, .bag, .set, .map, .object, .stringifiable: throw .invalid("a map key that is not primitive")
            default: break
            }
        case .object(let rules): try Recipe.validate(nested: rules, depth: depth)
        case .string, .boolean, .stringifiable, .objectReference, .idReference, .clobReference, .blobReference: break
        }
    }
}
