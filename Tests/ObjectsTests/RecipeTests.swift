import Objects
import Testing

@Suite struct RecipeTests {
    private func register(_ recipes: Recipe...) throws -> RecipeBook {
        var book = RecipeBook()
        for recipe in recipes { try book.register(recipe) }
        return book
    }

    @Test(arguments: ["", "a b", "a.b", "<a", "a>", "a\"b", "a\\b", "a\nb", "a\u{A0}b", "a\u{FEFF}b", "a\u{7}"])
    func namesThatBreakTheTextAreRefused(_ name: String) {
        #expect(throws: MicrodataError.self) { try register(Recipe(name: name, rules: [])) }
        guard name != "a\\b" else { return }
        #expect(throws: MicrodataError.self) { try register(Recipe(name: "T", rules: [Recipe.Rule(name)])) }
    }

    @Test func unsoundRulesAreRefused() {
        let text = ValueType.string(pattern: nil)
        let unsound: [[Recipe.Rule]] = [
            [Recipe.Rule("a"), Recipe.Rule("a")],
            [Recipe.Rule("a", .object([]))],
            [Recipe.Rule("a", .object([Recipe.Rule("b"), Recipe.Rule("b")]))],
            [Recipe.Rule("a", .object([Recipe.Rule("b", isID: true)]))],
            [Recipe.Rule("a", .map(key: .array(text), value: text))],
            [Recipe.Rule("a", .map(key: .stringifiable, value: text))],
            [Recipe.Rule("a", .bag(.map(key: .object([Recipe.Rule("b")]), value: text)))],
            [Recipe.Rule("a", .integer(min: 1, max: 1))],
            [Recipe.Rule("a", .number(min: 2, max: 1))],
            [Recipe.Rule("a", inheritFrom: Recipe.Inheritance(rule: "T"))],
            [Recipe.Rule("a", (0..<100).reduce(text) { type, _ in .array(type) })],
        ]
        for rules in unsound {
            #expect(throws: MicrodataError.self, "\(rules)") { try register(Recipe(name: "T", rules: rules)) }
        }
    }

    @Test(arguments: [
        #"{"type":"string","min":1}"#, #"{"type":"text"}"#, #"{}"#, #"[]"#, #"{"type":"array"}"#,
        #"{"type":"object"}"#, #"{"type":"referenceToObj"}"#, #"{"type":"referenceToBlob","allowedTypes":["*"]}"#,
        #"{"type":"boolean","regexp":"a"}"#, #"{"type":"string","regexp":1}"#, #"{"type":"integer","min":"1"}"#,
        #"{"type":"map","key":{"type":"string"}}"#, #"{"type":"object","rules":[{"itemtype":{"type":"string"}}]}"#,
        #"{"type":"object","rules":[{"itemprop":"a","x":1}]}"#, #"{"type":"referenceToId","allowedTypes":[1]}"#,
    ]) func unknownTypesAreRefused(_ itemtype: String) throws {
        let rule = Properties([("itemprop", .string("a")), ("itemtype", .json(try JSON(bytes: Array(itemtype.utf8))))])
        let object = OneObject("Recipe", [("name", .string("T")), ("rule", .list([.object(rule)]))])
        #expect(throws: MicrodataError.self) { try Recipe(object: object) }
    }

    @Test func aNameStandsForOneRecipe() throws {
        let recipe = Recipe(name: "T", rules: [Recipe.Rule("a")])
        var book = try register(recipe, recipe)
        #expect(throws: MicrodataError.self) { try book.register(Recipe(name: "T", rules: [])) }
        #expect(book["T"] == recipe)
        // Another text, and so another type.
        #expect(throws: MicrodataError.self) {
            try book.register(Recipe(name: "T", rules: [Recipe.Rule("a", .string(pattern: nil))]))
        }
    }

    @Test func inheritanceWaitsForWhatIsInherited() throws {
        let heir = Recipe(
            name: "Heir",
            rules: [
                Recipe.Rule("one", inheritFrom: Recipe.Inheritance(rule: "Base.list", extract: "CollectionItemType")),
                Recipe.Rule("all", optional: false, inheritFrom: Recipe.Inheritance(rule: "Base.list")),
            ]
        )
        var book = try register(heir)
        let object = OneObject("Heir", [("one", .boolean(true)), ("all", .list([.boolean(false)]))])
        #expect(throws: MicrodataError.self) { try Microdata.bytes(of: object, book) }
        try book.register(
            Recipe(name: "Base", rules: [Recipe.Rule("list", .array(.boolean), optional: true, isID: true)])
        )
        let text = String(decoding: try Microdata.bytes(of: object, book), as: UTF8.self)
        #expect(
            text == #"<div itemscope itemtype="//refin.io/Heir"><span itemprop="one">true</span>"#
                + #"<ol itemprop="all"><li>false</li></ol></div>"#
        )
        // `optional` comes with the rule unless given; being an ID property never does.
        #expect(throws: MicrodataError.self) { try Microdata.bytes(of: OneObject("Heir", []), book) }
        let shorter = OneObject("Heir", [("all", .list([]))])
        #expect(try Microdata.object(from: Microdata.bytes(of: shorter, book), book) == shorter)
        #expect(throws: MicrodataError.self) { try Microdata.idBytes(of: object, book) }
    }

    @Test func aRuleThatInheritsFromItselfGoesTwoLevelsDeep() throws {
        let nested = ValueType.object([
            Recipe.Rule("v"),
            Recipe.Rule("child", optional: true, inheritFrom: Recipe.Inheritance(rule: "Nest.child")),
        ])
        let book = try register(Recipe(name: "Nest", rules: [Recipe.Rule("child", nested)]))
        func nest(_ levels: Int) -> Value {
            .object(Properties([("v", .string("1")), ("child", levels > 1 ? nest(levels - 1) : nil)]))
        }
        for levels in 1...2 {
            let object = OneObject("Nest", [("child", nest(levels))])
            #expect(try Microdata.object(from: Microdata.bytes(of: object, book), book) == object)
        }
        #expect(throws: MicrodataError.self) { try Microdata.bytes(of: OneObject("Nest", [("child", nest(3))]), book) }
    }

    @Test func inheritanceInACircleIsRefused() throws {
        let inner = Recipe.Rule("b", inheritFrom: Recipe.Inheritance(rule: "A.a"))
        #expect(throws: MicrodataError.self) {
            try register(
                Recipe(name: "B", rules: [inner]),
                Recipe(name: "A", rules: [Recipe.Rule("a", inheritFrom: Recipe.Inheritance(rule: "B.b"))])
            )
        }
        #expect(throws: MicrodataError.self) {
            try register(Recipe(name: "A", rules: [Recipe.Rule("a", inheritFrom: Recipe.Inheritance(rule: "A.a"))]))
        }
        #expect(throws: MicrodataError.self) {
            try register(Recipe(name: "A", rules: [Recipe.Rule("a", inheritFrom: Recipe.Inheritance(rule: "A.b"))]))
        }
    }

    @Test func theRegistrationIsVersionedByItsInstance() throws {
        let recipe = try #require(RecipeBook.standard["IoMRegistration"])
        #expect(recipe.rules.filter(\.isID).map(\.name) == ["instanceId"])
    }
}
