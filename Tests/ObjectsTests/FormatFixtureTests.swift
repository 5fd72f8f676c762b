import Objects
import Testing

/// Everything the reference wrote is written by us with the same bytes, and read.
@Suite struct FormatFixtureTests {
    let book: RecipeBook

    init() throws { book = try FixtureBook.book.get() }

    @Test func recipesHaveTheirBytes() throws {
        let lines = try Fixtures.lines("one-format/recipes.jsonl")
        #expect(!lines.isEmpty)
        for line in lines {
            let name = try line.text("name")
            let object = try TaggedJSON.object(line["recipe"] ?? .null, book)
            let recipe = try Recipe(object: object)
            for source in [object, recipe.object] {
                let encoded = try EncodedObject(source, book)
                #expect(encoded.bytes == Array(try line.text("microdata").utf8), "\(name)")
                #expect(encoded.hash.hex == (try line.text("hash")), "\(name)")
                #expect(encoded.idBytes == Array(try line.text("idMicrodata").utf8), "\(name)")
                #expect(encoded.idHash?.hex == (try line.text("idHash")), "\(name)")
            }
            #expect(book[name]?.isVersioned == line["versioned"]?.isTrue, "\(name)")
            #expect(try Recipe(object: Microdata.object(from: line.bytes("microdata"), book)) == recipe, "\(name)")
        }
    }

    @Test(arguments: ["one-format/objects.jsonl", "one-format/objects-lone-surrogates.jsonl"])
    func objectsHaveTheirBytes(_ file: String) throws {
        let lines = try Fixtures.lines(file)
        #expect(!lines.isEmpty)
        for line in lines {
            let label = Comment(rawValue: "n=\(line["n"] ?? .null)")
            let object = try TaggedJSON.object(line["object"] ?? .null, book)
            guard line["parseError"]?.text != "SyntaxError" else {
                // A key of JSON that would need escaping: the reference writes what nobody can read, we refuse.
                #expect(throws: MicrodataError.self, label) { try Microdata.bytes(of: object, book) }
                continue
            }
            let bytes = try Microdata.bytes(of: object, book)
            #expect(String(decoding: bytes, as: UTF8.self) == (try line.text("microdata")), label)
            #expect(bytes == (try line.bytes("microdata")), label)
            #expect(ObjectHash(of: bytes).hex == (try line.text("hash")), label)
            let read = try Microdata.object(from: bytes, book)
            #expect(try Microdata.bytes(of: read, book) == bytes, label)
            if let parsed = line["parsed"], line["canonical"]?.isTrue == true {
                #expect(read == (try TaggedJSON.object(parsed, book)), label)
            }
            guard line["idHash"]?.text != nil else { continue }
            let idBytes = try Microdata.idBytes(of: object, book)
            #expect(idBytes == (try line.bytes("idMicrodata")), label)
            #expect(ObjectHash(of: idBytes).hex == (try line.text("idHash")), label)
            let idObject = try Microdata.idObject(from: idBytes, book)
            if let expected = line["idObject"] { #expect(idObject == (try TaggedJSON.object(expected, book)), label) }
            #expect(try Microdata.idBytes(of: idObject, book) == idBytes, label)
        }
    }

    @Test func rejectsAreRefused() throws {
        let lines = try Fixtures.lines("one-format/rejects.jsonl")
        #expect(!lines.isEmpty)
        for line in lines {
            let why = Comment(rawValue: line["why"]?.text ?? "")
            switch try line.text("kind") {
            case "serialize-reject":
                #expect(throws: (any Error).self, why) {
                    try Microdata.bytes(of: TaggedJSON.object(line["object"] ?? .null, book), book)
                }
            case "parse-reject", "parse-lenient-not-canonical":
                #expect(throws: MicrodataError.self, why) { try read(line) }
            default:
                #expect(try write(read(line), line) == (try line.bytes("microdata")), why)
            }
        }
    }

    private func read(_ line: JSON) throws -> OneObject {
        let bytes = try line.bytes("microdata")
        return line["idObject"]?.isTrue == true
            ? try Microdata.idObject(from: bytes, book) : try Microdata.object(from: bytes, book)
    }

    private func write(_ object: OneObject, _ line: JSON) throws -> [UInt8] {
        line["idObject"]?.isTrue == true
            ? try Microdata.idBytes(of: object, book) : try Microdata.bytes(of: object, book)
    }

    @Test func numbersHaveTheirText() throws {
        let lines = try Fixtures.lines("one-format/numbers.jsonl")
        #expect(!lines.isEmpty)
        for line in lines {
            let bits = try #require(UInt64(try line.text("bits"), radix: 16))
            let value = Double(bitPattern: bits)
            let text = try line.text("text")
            #expect(NumberText.text(value) == text)
            let read = try #require(NumberText.number(Array(text.utf8)[...]), "\(text)")
            #expect(NumberText.text(read) == text)
            if value.isFinite { #expect(read == value, "\(text)") }
        }
    }

    @Test func canonicalJSONHasItsText() throws {
        let lines = try Fixtures.lines("one-format/stringify.jsonl")
        #expect(!lines.isEmpty)
        for line in lines {
            let json = try TaggedJSON.plain(line["value"] ?? .null)
            let text = try line.text("text")
            guard (try? JSON(bytes: Array(text.utf8))) != nil else {
                // A key that would need escaping.
                #expect(throws: MicrodataError.self, "\(text)") { try json.canonicalBytes() }
                continue
            }
            let bytes = try json.canonicalBytes()
            #expect(bytes == Array(text.utf8), "\(text) \(String(decoding: bytes, as: UTF8.self))")
            #expect(try JSON(bytes: bytes).canonicalBytes() == bytes, "\(text)")
        }
    }

    /// Every object of a directory the reference wrote is read and written again to its own name.
    @Test func aStorageDirectoryIsReadWhole() throws {
        let files = try Fixtures.objects("one-store/alice")
        #expect(!files.isEmpty)
        var all = book
        var recipes: [Recipe] = []
        for file in files where file.bytes.starts(with: #"<div itemscope itemtype="//refin.io/Recipe">"#.utf8) {
            recipes.append(try Recipe(object: Microdata.object(from: file.bytes, book)))
        }
        for recipe in recipes {
            if let known = RecipeBook.standard[recipe.name] { #expect(known.object == recipe.object, "\(recipe.name)") }
            try all.register(recipe)
        }
        for file in files {
            #expect(ObjectHash(of: file.bytes).hex == file.name)
            switch ObjectKind.sniff(prefix: file.bytes.prefix(ObjectKind.sniffByteCount)).kind {
            case .one:
                #expect(try Microdata.bytes(of: Microdata.object(from: file.bytes, all), all) == file.bytes)
            case .id:
                #expect(try Microdata.idBytes(of: Microdata.idObject(from: file.bytes, all), all) == file.bytes)
            case .blob, .clob: break
            }
        }
    }
}
