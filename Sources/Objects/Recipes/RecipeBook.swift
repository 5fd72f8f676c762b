/// The recipes this process knows, by type name.
package struct RecipeBook: Sendable {
    private var recipes: [[UInt8]: Recipe] = [:]

    package init() {}

    package subscript(type: String) -> Recipe? { recipes[Array(type.utf8)] }
}
