/// The recipes this process knows, by type name.
///
/// Every recipe in it is valid (one-format 1.11); one that inherits from a type which is not registered waits for it.
package struct RecipeBook: Sendable {
    /// By the bytes of the name: `String ==` takes é and e+U+0301 for the same.
    private var recipes: [[UInt8]: Recipe] = [:]
    private var layouts: [[UInt8]: TypeLayout] = [:]

    package init() {}

    package subscript(type: String) -> Recipe? { recipes[Array(type.utf8)] }

    /// All recipes, in the order of their names.
    package var all: [Recipe] {
        recipes.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    /// Adds a recipe.
    ///
    /// Refuses an invalid one, and one of a name that stands for another recipe; the same one again is nothing.
    package mutating func register(_ recipe: Recipe) throws(MicrodataError) {
        let key = Array(recipe.name.utf8)
        if let known = recipes[key] {
            guard known == recipe || known.object == recipe.object else {
                throw .invalid("there is another recipe of the name \(recipe.name)")
            }
            return
        }
        try recipe.validate()
        recipes[key] = recipe
        do throws(MicrodataError) {
            try makeLayouts(key)
        } catch {
            recipes[key] = nil
            throw error
        }
    }

    /// Makes the layout of the new recipe, and of those that waited for it.
    private mutating func makeLayouts(_ key: [UInt8]) throws(MicrodataError) {
        let resolver = InheritanceResolver(recipes: recipes)
        for (name, recipe) in recipes where layouts[name] == nil {
            do throws(MicrodataError) {
                layouts[name] = try TypeLayout(recipe, resolver)
            } catch  where name != key {
                // What one that waited makes of this recipe is no fault of this recipe: it goes on waiting.
                continue
            }
        }
    }

    /// How objects of a type are written, by the bytes of its name.
    func layout(of type: some Collection<UInt8>) throws(MicrodataError) -> TypeLayout {
        let key = Array(type)
        if let layout = layouts[key] { return layout }
        let name = String(decoding: key, as: UTF8.self)
        guard recipes[key] == nil else { throw .invalid("\(name) inherits from a type that is not registered") }
        throw .unknownType(name)
    }
}
