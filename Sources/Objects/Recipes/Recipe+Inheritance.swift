extension Recipe.Inheritance {
    /// Type and property this inherits from: the first two components of the path (one-format 1.10).
    var target: (type: String, property: String)? {
        let parts = rule.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return nil }
        return (String(Substring(parts[0])), String(Substring(parts[1])))
    }
}

/// Replaces inheritance by what is inherited, as the reference does it (one-format 1.10).
struct InheritanceResolver {
    /// How many rules may inherit from one another in a row.
    private static let chainCountMax = 16

    let recipes: [[UInt8]: Recipe]

    /// The rule with its type known; nil if it inherits from a recipe that is not registered yet.
    func resolve(_ rule: Recipe.Rule, chain: Int = 0) throws(MicrodataError) -> Recipe.Rule? {
        if let type = rule.type {
            var resolved = rule
            guard let inner = try resolveInside(type) else { return nil }
            resolved.type = inner
            return resolved
        }
        guard let inheritance = rule.inheritance else { return rule }
        guard let target = try target(of: inheritance, chain: chain) else { return nil }
        guard let base = try resolve(target, chain: chain + 1) else { return nil }
        return overlay(rule, on: base, inheritance)
    }

    /// A type with the nested rules that inherit replaced, each one level deep: what they bring is not searched again, so
    /// that a rule may inherit from itself.
    private func resolveInside(_ type: ValueType) throws(MicrodataError) -> ValueType? {
        switch type {
        case .array(let item): return try resolveInside(item).map { .array($0) }
        case .bag(let item): return try resolveInside(item).map { .bag($0) }
        case .set(let item): return try resolveInside(item).map { .set($0) }
        case .map(let key, let value): return try resolveInside(value).map { .map(key: key, value: $0) }
        case .object(let rules):
            var resolved: [Recipe.Rule] = []
            for rule in rules {
                guard let inner = try resolveNested(rule, chain: 0) else { return nil }
                resolved.append(inner)
            }
            return .object(resolved)
        default: return type
        }
    }

    private func resolveNested(_ rule: Recipe.Rule, chain: Int) throws(MicrodataError) -> Recipe.Rule? {
        guard let inheritance = rule.inheritance else {
            guard let type = rule.type else { return rule }
            var resolved = rule
            guard let inner = try resolveInside(type) else { return nil }
            resolved.type = inner
            return resolved
        }
        guard var base = try target(of: inheritance, chain: chain) else { return nil }
        if base.type == nil, base.inheritance != nil {
            guard let further = try resolveNested(base, chain: chain + 1) else { return nil }
            base = further
        }
        return overlay(rule, on: base, inheritance)
    }

    private func target(of inheritance: Recipe.Inheritance, chain: Int) throws(MicrodataError) -> Recipe.Rule? {
        guard chain < Self.chainCountMax else { throw .invalid("\(inheritance.rule) inherits from itself") }
        guard let (type, property) = inheritance.target else { throw .invalid("inherits from \(inheritance.rule)") }
        guard let recipe = recipes[Array(type.utf8)] else { return nil }
        guard let rule = recipe.rules.first(where: { $0.name.utf8.elementsEqual(property.utf8) }) else {
            throw .invalid("inherits from \(inheritance.rule), which has no such property")
        }
        return rule
    }

    /// The inherited rule with what the inheriting one gives itself.
    ///
    /// `isId` is never inherited.
    private func overlay(
        _ rule: Recipe.Rule,
        on base: Recipe.Rule,
        _ inheritance: Recipe.Inheritance
    ) -> Recipe.Rule {
        var inherited = base.type
        // Only this one has an effect in the reference; `MapItemType` never comes into play there.
        if inheritance.extract == "CollectionItemType" { inherited = inherited?.item ?? inherited }
        return Recipe.Rule(
            rule.name,
            rule.type ?? inherited,
            optional: rule.isOptional ?? base.isOptional,
            isID: rule.idMark
        )
    }
}
