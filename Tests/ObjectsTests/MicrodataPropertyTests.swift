import Objects
import Testing

/// What holds for every recipe, every object and every text.
@Suite struct MicrodataPropertyTests {
    @Test(arguments: 0..<400) func whatIsWrittenIsReadAndWrittenAgain(_ seed: Int) throws {
        let random = RandomObjects(seed: UInt64(seed))
        let recipe = random.recipe()
        var book = RecipeBook()
        try book.register(recipe)
        for _ in 0..<5 {
            let object = random.object(recipe)
            let bytes = try Microdata.bytes(of: object, book)
            let read = try Microdata.object(from: bytes, book)
            #expect(read == object)
            #expect(read.hashValue == object.hashValue)
            #expect(try Microdata.bytes(of: read, book) == bytes)
            guard recipe.isVersioned else { continue }
            let idBytes = try Microdata.idBytes(of: object, book)
            let idObject = try Microdata.idObject(from: idBytes, book)
            #expect(try Microdata.idBytes(of: idObject, book) == idBytes)
            #expect(throws: MicrodataError.self) { try Microdata.object(from: idBytes, book) }
            #expect(throws: MicrodataError.self) { try Microdata.idObject(from: bytes, book) }
        }
    }

    @Test(arguments: 0..<400) func whatIsAcceptedIsWrittenToTheSameBytes(_ seed: Int) throws {
        let random = RandomObjects(seed: 1_000_000 + UInt64(seed))
        let recipe = random.recipe()
        var book = RecipeBook()
        try book.register(recipe)
        let bytes = try Microdata.bytes(of: random.object(recipe), book)
        for _ in 0..<50 {
            let mutant = random.mutated(bytes)
            guard let read = try? Microdata.object(from: mutant, book) else { continue }
            #expect(try Microdata.bytes(of: read, book) == mutant)
        }
    }

    @Test(arguments: 0..<100) func recipesSurviveTheirObjects(_ seed: Int) throws {
        let recipe = RandomObjects(seed: 2_000_000 + UInt64(seed)).recipe()
        let bytes = try Microdata.bytes(of: recipe.object, .standard)
        let read = try Recipe(object: Microdata.object(from: bytes, .standard))
        #expect(try Microdata.bytes(of: read.object, .standard) == bytes)
        var book = RecipeBook()
        try book.register(recipe)
        try book.register(read)
    }

    @Test(arguments: 0..<200) func canonicalJSONIsReadAndWrittenAgain(_ seed: Int) throws {
        let random = RandomObjects(seed: 3_000_000 + UInt64(seed))
        let json = random.json(depth: 0)
        let bytes = try json.canonicalBytes()
        #expect(try JSON(bytes: bytes) == json)
        for _ in 0..<20 {
            guard let read = try? JSON(bytes: random.mutated(bytes)), let text = try? read.canonicalBytes() else {
                continue
            }
            #expect(try JSON(bytes: text).canonicalBytes() == text)
        }
    }

    @Test func numbersAreReadBackExactly() throws {
        let random = SeededRandom(seed: 9)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.number(below: .max))
            guard value.isFinite else { continue }
            let text = NumberText.text(value)
            #expect(Double(text) == value)
            #expect(NumberText.number(Array(text.utf8)[...]) == value)
        }
    }
}
