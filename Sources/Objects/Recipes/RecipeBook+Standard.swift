extension RecipeBook {
    /// All recipes of one-format 5 and one-protocol 5.1-5.4, and our own of membership.
    package static let standard: RecipeBook = {
        var book = RecipeBook()
        let recipes =
            StandardRecipes.core + StandardRecipes.identity + StandardRecipes.channels + StandardRecipes.files
            + StandardRecipes.trust + StandardRecipes.membership
        for recipe in recipes {
            do throws(MicrodataError) {
                try book.register(recipe)
            } catch {
                preconditionFailure("the recipe \(recipe.name) is invalid: \(error)")
            }
        }
        return book
    }()
}

/// The recipes ONE comes with, by subject.
///
/// The order of rules and every field given or not is part of the format: it shows in the hashes of the Recipe objects.
enum StandardRecipes {}

extension Recipe {
    init(_ name: String, _ rules: Rule..., mergeAlgorithms: [MergeAlgorithm]? = nil) {
        self.init(name: name, rules: rules, mergeAlgorithms: mergeAlgorithms)
    }
}

extension Recipe.Rule {
    /// An ID property.
    static func id(_ name: String, _ type: ValueType? = nil) -> Self { Self(name, type, isID: true) }
    /// A property that may be missing.
    static func optional(_ name: String, _ type: ValueType? = nil) -> Self { Self(name, type, optional: true) }
    /// A property that must be there.
    static func one(_ name: String, _ type: ValueType? = nil) -> Self { Self(name, type) }
}

extension ValueType {
    /// A string without a pattern.
    static var text: Self { .string(pattern: nil) }
    static var integer: Self { .integer(min: nil, max: nil) }
    static var number: Self { .number(min: nil, max: nil) }
    /// A string this matches.
    static func text(_ pattern: Pattern) -> Self { .string(pattern: pattern) }
    static func reference(_ types: String...) -> Self { .objectReference(allowed: types) }
    static func id(_ types: String...) -> Self { .idReference(allowed: types) }
    /// As ONE writes it; the letters beyond hexadecimal ones are left from Base64.
    static var hexKey: Self { .text("^[A-Za-z0-9+/]{64}$") }
}
