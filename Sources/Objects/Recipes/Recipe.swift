/// The rules of one type, in the order in which its properties are written (one-format 1.1).
package struct Recipe: Hashable, Sendable {
    package var name: String
    package var rules: [Rule]
    /// `crdtConfig`: which algorithm merges which path, in order; nil: none given, which is another text than an empty one.
    package var mergeAlgorithms: [MergeAlgorithm]?

    package init(name: String, rules: [Rule], mergeAlgorithms: [MergeAlgorithm]? = nil) {
        (self.name, self.rules, self.mergeAlgorithms) = (name, rules, mergeAlgorithms)
    }

    /// Whether objects of the type have versions: a top-level rule is an ID property.
    package var isVersioned: Bool { rules.contains { $0.isID } }

    package struct Rule: Hashable, Sendable {
        package var name: String
        /// nil: none given, which means string unless it is inherited.
        package var type: ValueType?
        /// nil: not given, which means false unless it is inherited.
        package var isOptional: Bool?
        /// `isId` as given; nil: not given, which means false but is another text.
        package var idMark: Bool?
        package var inheritance: Inheritance?

        package init(
            _ name: String,
            _ type: ValueType? = nil,
            optional: Bool? = nil,
            isID: Bool? = nil,
            inheritFrom inheritance: Inheritance? = nil
        ) {
            (self.name, self.type, self.isOptional) = (name, type, optional)
            (self.idMark, self.inheritance) = (isID, inheritance)
        }

        /// Whether the property is part of the ID object.
        package var isID: Bool { idMark == true }
    }

    /// `inheritFrom`: a rule of another recipe, `Recipe.itemprop` (one-format 1.10).
    package struct Inheritance: Hashable, Sendable {
        package var rule: String
        /// `CollectionItemType` or `MapItemType`; nil: none given.
        package var extract: String?

        package init(rule: String, extract: String? = nil) { (self.rule, self.extract) = (rule, extract) }
    }

    /// The algorithm that merges the values at a path (one-format 2.7).
    package struct MergeAlgorithm: Hashable, Sendable {
        package var path: String
        package var algorithm: String

        package init(_ path: String, _ algorithm: String) { (self.path, self.algorithm) = (path, algorithm) }
    }
}

/// The type of a value (one-format 1.5).
package indirect enum ValueType: Hashable, Sendable {
    case string(pattern: Pattern?)
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

    /// How deep types may be nested; the types of ONE's largest recipes go 12 deep.
    static let depthMax = 48
}

extension ValueType {
    /// The type of the items of an array, bag or set; nil for anything else.
    var item: ValueType? {
        switch self {
        case .array(let item), .bag(let item), .set(let item): item
        default: nil
        }
    }
}

/// A regular expression of JavaScript, as a recipe gives it for strings.
package struct Pattern: Hashable, Sendable, ExpressibleByStringLiteral {
    package var source: String
    /// `i`, `m`, `s`, `u`; lost when a recipe is stored (one-format 9 #3).
    package var flags: String

    package init(_ source: String, flags: String = "") { (self.source, self.flags) = (source, flags) }
    package init(stringLiteral source: String) { self.init(source) }
}
