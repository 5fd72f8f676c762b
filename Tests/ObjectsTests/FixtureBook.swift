import Objects

/// The standard recipes and those invented for the fixtures.
enum FixtureBook {
    static let book = Result { try make() }

    private static func make() throws -> RecipeBook {
        var book = RecipeBook.standard
        for line in try Fixtures.lines("one-format/recipes.jsonl") {
            guard let json = line["recipe"] else { throw FixtureError("no recipe") }
            var recipe = try Recipe(object: TaggedJSON.object(json, .standard))
            for (property, flags) in TaggedJSON.patternFlags(json) where !flags.isEmpty {
                for index in recipe.rules.indices where recipe.rules[index].name == property {
                    guard case .string(let pattern?) = recipe.rules[index].type else { continue }
                    recipe.rules[index].type = .string(pattern: Pattern(pattern.source, flags: flags))
                }
            }
            try book.register(recipe)
        }
        return book
    }
}
