import Objects

extension RecipeBook {
    /// More recipes than an instance has.
    private static let instanceRecipesMax = 10_000

    /// The standard recipes and those an instance has registered (one-format 3.6): what it brought here may be of their
    /// types.
    ///
    /// One that is not here, cannot be read or stands for another recipe of ours is left out: objects of its type are kept
    /// as they are.
    static func known(to instance: IDHash, _ versions: StoredVersions) -> Self {
        var book = Self.standard
        guard let object = (try? versions.current(instance)) ?? nil else { return book }
        for hash in object.references("recipe").prefix(instanceRecipesMax) {
            guard let object = try? versions.object(hash), let recipe = try? Recipe(object: object) else { continue }
            try? book.register(recipe)
        }
        return book
    }
}
