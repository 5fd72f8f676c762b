import Objects
import Testing

@Suite struct MicrodataTests {
    private let hash = ObjectHash(of: [])

    private func book(_ rules: Recipe.Rule...) throws -> RecipeBook {
        var book = RecipeBook()
        try book.register(Recipe(name: "T", rules: rules))
        return book
    }

    private func read(_ content: String, _ book: RecipeBook) throws -> OneObject {
        try Microdata.object(from: Array(#"<div itemscope itemtype="//refin.io/T">\#(content)</div>"#.utf8), book)
    }

    private func written(_ pairs: [(String, Value?)], _ book: RecipeBook) throws -> String {
        let text = String(decoding: try Microdata.bytes(of: OneObject("T", pairs), book), as: UTF8.self)
        return String(text.dropFirst(#"<div itemscope itemtype="//refin.io/T">"#.count).dropLast("</div>".count))
    }

    /// The complete `<li>…</li>` is compared, so a text comes after its own continuation by a space, a digit or `&`.
    @Test func bagsAreInOrderOfTheirItemsWithTags() throws {
        let book = try book(Recipe.Rule("g", .bag(.string(pattern: nil))))
        let items = ["a", "a b", "a1", "aA", "a<", "A", ""].map { Value.string($0) }
        #expect(
            try written([("g", .list(items))], book)
                == "<ul itemprop=\"g\"><li></li><li>A</li><li>a b</li><li>a&lt;</li><li>a1</li><li>a</li><li>aA</li></ul>"
        )
    }

    @Test func bagsAreInOrderOfUTF16() throws {
        let book = try book(Recipe.Rule("g", .bag(.string(pattern: nil))))
        let items = ["\u{FB00}", "\u{1F600}", "\u{E000}", "\u{D7FF}", "\u{10FFFF}", "z"].map { Value.string($0) }
        let expected = ["z", "\u{D7FF}", "\u{1F600}", "\u{10FFFF}", "\u{E000}", "\u{FB00}"]
        #expect(
            try written([("g", .list(items))], book)
                == "<ul itemprop=\"g\">" + expected.map { "<li>\($0)</li>" }.joined() + "</ul>"
        )
    }

    @Test func aMapKeepsItsOrderAndRefusesAKeyTwice() throws {
        let book = try book(Recipe.Rule("m", .map(key: .string(pattern: nil), value: .boolean)))
        let (z, a) = (Value.MapEntry(.string("z"), .boolean(true)), Value.MapEntry(.string("a"), .boolean(false)))
        let text = #"<dl itemprop="m"><dt>z</dt><dd>true</dd><dt>a</dt><dd>false</dd></dl>"#
        #expect(try written([("m", .map([z, a]))], book) == text)
        #expect(try read(text, book)["m"] == .map([z, a]))
        #expect(throws: MicrodataError.self) { try written([("m", .map([z, a, z]))], book) }
        #expect(throws: MicrodataError.self) {
            try read(#"<dl itemprop="m"><dt>z</dt><dd>true</dd><dt>z</dt><dd>true</dd></dl>"#, book)
        }
    }

    /// é in one character and in two are different strings, keys and names (one-format 10).
    @Test func textsAreComparedByTheirBytes() throws {
        let book = try book(
            Recipe.Rule("é", .set(.string(pattern: nil)), optional: true),
            Recipe.Rule("e\u{301}", .map(key: .string(pattern: nil), value: .boolean), optional: true)
        )
        let set = Value.list([.string("e\u{301}"), .string("é")])
        let map = Value.map(["é", "e\u{301}"].map { Value.MapEntry(.string($0), .boolean(true)) })
        let object = OneObject("T", [("e\u{301}", map), ("é", set)])
        let bytes = try Microdata.bytes(of: object, book)
        #expect(try Microdata.object(from: bytes, book) == object)
        #expect(OneObject("T", [("é", set)]) != OneObject("T", [("e\u{301}", set)]))
        #expect(Value.string("é") != .string("e\u{301}"))
    }

    @Test func aSetRefusesTwiceWhatJavaScriptCouldNotHold() throws {
        let strings = try book(Recipe.Rule("s", .set(.string(pattern: nil))))
        #expect(throws: MicrodataError.self) {
            try written([("s", .list([.string("null"), .string("null")]))], strings)
        }
        // Three numbers have no text: they are different, but written alike.
        let numbers = try book(Recipe.Rule("s", .set(.number(min: nil, max: nil))))
        let nulls = #"<ul itemprop="s"><li>null</li><li>null</li><li>null</li></ul>"#
        #expect(
            try written([("s", .list([.number(.nan), .number(.infinity), .number(-.infinity)]))], numbers) == nulls
        )
        #expect(try written([("s", try read(nulls, numbers)["s"])], numbers) == nulls)
        #expect(throws: MicrodataError.self) { try written([("s", .list([.number(1), .number(1)]))], numbers) }
        #expect(throws: MicrodataError.self) {
            try read(#"<ul itemprop="s"><li>null</li><li>null</li><li>null</li><li>null</li></ul>"#, numbers)
        }
        // Two equal objects are two objects.
        let objects = try book(Recipe.Rule("s", .set(.object([Recipe.Rule("x")]))))
        let item = Value.object(Properties([("x", .string("1"))]))
        let text = try written([("s", .list([item, item]))], objects)
        #expect(try read(text, objects)["s"] == .list([item, item]))
    }

    @Test func nullIsMissingOnlyAtTheTop() throws {
        let book = try book(
            Recipe.Rule("j", .stringifiable, optional: true),
            Recipe.Rule("o", .object([Recipe.Rule("j", .stringifiable)]), optional: true)
        )
        #expect(try written([("j", .json(.null))], book) == "")
        #expect(try written([("j", .json(.number(.nan)))], book) == #"<span itemprop="j">null</span>"#)
        let read = try read(#"<span itemprop="j">null</span>"#, book)
        #expect(try written([("j", read["j"])], book) == #"<span itemprop="j">null</span>"#)
        let nested = #"<div itemprop="o"><span itemprop="j">null</span></div>"#
        #expect(try written([("o", .object(Properties([("j", .json(.null))])))], book) == nested)
    }

    @Test func unknownPropertiesAreRefusedAtTheTop() throws {
        let book = try book(
            Recipe.Rule("a", optional: true),
            Recipe.Rule("o", .object([Recipe.Rule("x", optional: true)]), optional: true)
        )
        #expect(throws: MicrodataError.invalid("b: not a property of T")) { try written([("b", .string("1"))], book) }
        #expect(try written([("$versionHash$", .string("x"))], book) == "")
        // As the reference does it, below the top they are dropped.
        #expect(try written([("o", .object(Properties([("y", .string("1"))])))], book) == #"<div itemprop="o"></div>"#)
    }

    @Test func errorsNameThePlace() throws {
        let book = try book(Recipe.Rule("o", .object([Recipe.Rule("x", .boolean)])))
        #expect(throws: MicrodataError.invalid("o: x: not true or false")) {
            try written([("o", .object(Properties([("x", .string("1"))])))], book)
        }
        #expect(throws: MicrodataError.unknownType("Nope")) { try Microdata.bytes(of: OneObject("Nope", []), book) }
    }

    @Test(arguments: [
        " 7", "7 ", "+7", "07", "7.0", "-0", "1e21", "1E+21", "0x10", "1e5", "100000000000000000000000", "NaN",
        "Infinity", "", ".5", "5.", "1e-6", "0.0000001", "1_0", "٧", "123456789012345678901",
    ]) func otherNumberTextsAreRefused(_ text: String) throws {
        let book = try book(Recipe.Rule("n", .number(min: nil, max: nil)))
        #expect(throws: MicrodataError.self) { try read(#"<span itemprop="n">\#(text)</span>"#, book) }
    }

    @Test(arguments: [
        #"[1, 2]"#, #"{"b":1,"a":2}"#, #"{"a":1,"a":1}"#, #""\u0041""#, #""\/""#, #"1.0"#, #"-0"#, #"1e999"#,
        #""\u001F""#, #"[1]]"#, #"{"a\"":1}"#, #"tru"#, #""#, #"[1,]"#, #"{"a":1,}"#, #"01"#, #""a"#,
    ]) func otherJSONIsRefused(_ text: String) throws {
        let book = try book(Recipe.Rule("j", .stringifiable))
        #expect(throws: MicrodataError.self) { try read(#"<span itemprop="j">\#(text)</span>"#, book) }
    }

    /// The reference writes keys without escaping: what would need it could not be read again.
    @Test func keysThatCouldNotBeReadAreRefused() {
        let keys = ["\"", "\\", "\n", "\0", "a\u{1F}"].map { JSONString($0) } + [JSONString(utf16: [0xD800])]
        for key in keys {
            #expect(throws: MicrodataError.self) { try JSON.object([JSON.Member(key, .null)]).canonicalBytes() }
        }
        let twice = JSON.object([("a", .null), ("b", .null), ("a", .boolean(true))])
        #expect(throws: MicrodataError.self) { try twice.canonicalBytes() }
        #expect(throws: MicrodataError.self) { try JSON(bytes: Array(#"{"a":1,"b":2,"\u0061":3}"#.utf8)) }
    }

    @Test func bytesThatAreNotUTF8AreRefused() throws {
        let book = try book(Recipe.Rule("s"), Recipe.Rule("j", .stringifiable))
        let good = try Microdata.bytes(of: OneObject("T", [("s", .string("x")), ("j", .json("x"))]), book)
        for index in good.indices where good[index] == UInt8(ascii: "x") {
            for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]] {
                var bytes = good
                bytes.replaceSubrange(index...index, with: bad)
                #expect(throws: MicrodataError.self) { try Microdata.object(from: bytes, book) }
            }
        }
    }

    /// Both shapes the reference writes and cannot read (one-format 9 #1, #2).
    @Test func shapesTheReferenceCannotReadAreRead() throws {
        let book = try book(
            Recipe.Rule("ref", .objectReference(allowed: ["*"]), optional: true),
            Recipe.Rule("o", .object([Recipe.Rule("x", optional: true)]), optional: true),
            Recipe.Rule("tail", optional: true)
        )
        for text in [#"<span itemprop="tail">y</span>"#, #"<div itemprop="o"></div>"#] {
            #expect(try written(read(text, book).properties.items.map { ($0.name, $0.value) }, book) == text)
        }
    }

    @Test func deepJSONIsRefusedNotOverflowed() throws {
        let book = try book(Recipe.Rule("j", .stringifiable))
        for (open, close) in [("[", "]"), (#"{"a":"#, "1}")] {
            let text = String(repeating: open, count: 1_000_000) + close
            #expect(throws: MicrodataError.self) { try read(#"<span itemprop="j">\#(text)</span>"#, book) }
        }
        let deepest = String(repeating: "[", count: JSON.depthMax) + String(repeating: "]", count: JSON.depthMax)
        #expect(try read(#"<span itemprop="j">\#(deepest)</span>"#, book)["j"] != nil)
        var json = JSON.array([])
        for _ in 0..<1_000 { json = .array([json]) }
        #expect(throws: MicrodataError.self) { try written([("j", .json(json))], book) }
    }

    /// Would not end if anything in it took time by the square of the count.
    @Test func longListsTakeNoTime() throws {
        let book = try book(
            Recipe.Rule("bag", .bag(.idReference(allowed: ["*"]))),
            Recipe.Rule("map", .map(key: .integer(min: nil, max: nil), value: .string(pattern: nil)))
        )
        let count = 100_000
        let hashes = (0..<count).map { Value.reference(ObjectHash(of: withUnsafeBytes(of: $0) { Array($0) })) }
        let entries = (0..<count).map { Value.MapEntry(.number(Double(count - $0)), .string("&")) }
        let object = OneObject("T", [("bag", .list(hashes)), ("map", .map(entries))])
        let bytes = try Microdata.bytes(of: object, book)
        let read = try Microdata.object(from: bytes, book)
        #expect(read["map"] == .map(entries))
        #expect(try Microdata.bytes(of: read, book) == bytes)
    }

    @Test func referencesComeInTheOrderOfTheText() throws {
        let (a, b, c) = (ObjectHash(of: [1]), ObjectHash(of: [2]), ObjectHash(of: [3]))
        let book = try book(
            Recipe.Rule("one", .blobReference),
            Recipe.Rule("bag", .bag(.clobReference)),
            Recipe.Rule(
                "map",
                .map(
                    key: .idReference(allowed: ["*"]),
                    value: .object([Recipe.Rule("x", .objectReference(allowed: ["*"]))])
                )
            )
        )
        let object = OneObject(
            "T",
            [
                ("map", .map([Value.MapEntry(.reference(c), .object(Properties([("x", .reference(a))])))])),
                ("one", .reference(b)), ("bag", .list([.reference(b), .reference(a)])),
            ]
        )
        #expect(
            try Microdata.references(of: object, book) == [
                Reference(kind: .blob, hash: b, path: ["one"]),
                Reference(kind: .clob, hash: min(a, b), path: ["bag"]),
                Reference(kind: .clob, hash: max(a, b), path: ["bag"]),
                Reference(kind: .id, hash: c, path: ["map"]),
                Reference(kind: .object, hash: a, path: ["map", "x"]),
            ]
        )
        let access = OneObject("Access", [("object", .reference(a)), ("person", .list([])), ("group", .list([]))])
        let idBytes = try Microdata.idBytes(of: access, .standard)
        #expect(
            try Microdata.references(in: idBytes, .standard) == [Reference(kind: .object, hash: a, path: ["object"])]
        )
    }
}
