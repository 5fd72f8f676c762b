/// The rules of one type, in the order in which its properties are written (one-format 1.1).
package struct Recipe: Hashable, Sendable {
    package var name: String
    package var rules: [Rule]

    package init(name: String, rules: [Rule]) { (self.name, self.rules) = (name, rules) }

    /// Whether objects of the type have versions: a top-level rule is an ID property.
    package var isVersioned: Bool { rules.contains { $0.isID } }

    package struct Rule: Hashable, Sendable {
        package var name: String
        /// nil: none given, which means string unless it is inherited.
        package var type: ValueType?
        /// nil: not given, which means false unless it is inherited.
        package var isOptional: Bool?
        package var isID: Bool
        package var inheritance: Inheritance?

        package init(
            _ name: String,
            _ type: ValueType? = nil,
            optional: Bool? = nil,
            isID: Bool = false,
            inheritFrom inheritance: Inheritance? = nil
        ) {
            (self.name, self.type, self.isOptional) = (name, type, optional)
            (self.isID, self.inheritance) = (isID, inheritance)
        }
    }

    /// `inheritFrom`: a rule of another recipe, `Recipe.itemprop` (one-format 1.10).
    package struct Inheritance: Hashable, Sendable {
        package var rule: String
        /// `CollectionItemType` or `MapItemType`.
        package var extract: String?

        package init(rule: String, extract: String? = nil) { (self.rule, self.extract) = (rule, extract) }
    }
}

/// The type of a value (one-format 1.5).
package indirect enum ValueType: Hashable, Sendable {
    case string(pattern: String?)
    case integer(min: Double?, max: Double?)
    case number(min: Double?, max: Double?)
    case boolean
    case stringifiable
    case objectReference(allowed: [String])
    case idReference(allowed: [String])
    case clobReference
    case blobReference
    case array(ValueType)
    case bag(ValueType)
    case set(ValueType)
    case map(key: ValueType, value: ValueType)
    case object([Recipe.Rule])
}
