import Catalog
import Objects
import SystemPackage
import TestSupport
import Testing

@testable import Node

/// The recipes an instance has registered (one-format 3.6).
@Suite struct InstanceRecipeTests {
    @Test func `What an instance has registered is known when it is opened again`() throws {
        let folder = TemporaryDirectory()
        let recipe = Recipe(name: "Badge", rules: [Recipe.Rule("of", .idReference(allowed: ["Person"]), isID: true)])
        let odd = OneObject("Recipe", [("name", .string("Profile")), ("rule", .list([]))])
        do {
            let node = try AuthorTests.custodian(folder).node
            let instanceID = try node.requireIdentity().instanceID
            #expect(node.author.book["Badge"] == nil)
            try node.author.commit { draft in
                guard var instance = try draft.version(of: instanceID) else { throw ObjectError.unreachable }
                let hashes = try [recipe.object, odd].map { try draft.change($0, at: node.time.now).hash }
                instance["recipe"] = .list((hashes + [ObjectHash(of: [1])]).map(Value.reference))
                try draft.change(instance, at: node.time.now)
            }
        }
        let path = folder.path.appending("box")
        let again = try Node(root: path, secret: .success("secret"), surroundings: AuthorTests.surroundings())
        #expect(again.author.book["Badge"] == recipe)
        #expect(again.author.book["Profile"] == RecipeBook.standard["Profile"])
    }
}
