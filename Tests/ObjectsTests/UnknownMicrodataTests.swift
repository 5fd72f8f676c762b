import Testing

@testable import Objects

/// Microdata without its recipe: what it refers to shows, and what nobody can have written is refused.
@Suite struct UnknownMicrodataTests {
    private let hash = ObjectHash(of: [1])

    private func references(_ properties: String, prefix: String = Microdata.objectPrefix) throws -> [Reference] {
        try Microdata.references(in: Array("\(prefix)Thing\">\(properties)</div>".utf8), .standard)
    }

    @Test func `Every object the reference wrote refers to the same with and without its recipe`() throws {
        let book = try FixtureBook.book.get()
        let files = try Fixtures.objects("one-store/alice").map(\.bytes)
        let lines = try Fixtures.lines("one-format/objects.jsonl").compactMap { line -> [UInt8]? in
            line["canonical"]?.isTrue == true ? try line.bytes("microdata") : nil
        }
        var count = 0
        for bytes in files + lines {
            guard let known = try? Microdata.references(in: bytes, book) else { continue }
            #expect(try Microdata.references(in: bytes, RecipeBook()) == known)
            count += known.count
        }
        #expect(count > 3_000)
    }

    @Test func `References stand anywhere`() throws {
        let link = "<a data-type=\"clob\">\(hash)</a>"
        let found = try references(
            "<a itemprop=\"one\" data-type=\"id\">\(hash)</a><span itemprop=\"s\">&lt;a&gt; &amp;</span>"
                + "<dl itemprop=\"map\"><dt>\(link)</dt><dd><ol><li><div>"
                + "<ul itemprop=\"deep\"><li>\(link)</li></ul></div></li></ol></dd></dl><ul itemprop=\"none\"></ul>"
        )
        #expect(
            found == [
                Reference(kind: .id, hash: hash, path: ["one"]), Reference(kind: .clob, hash: hash, path: ["map"]),
                Reference(kind: .clob, hash: hash, path: ["map", "deep"]),
            ]
        )
        let idPrefix = Microdata.idObjectPrefix
        #expect(try references("<a itemprop=\"o\" data-type=\"blob\">\(hash)</a>", prefix: idPrefix).count == 1)
    }

    @Test(
        arguments: [
            "<span itemprop=\"a\">1", "<span itemprop=\"a\">1</div>", "<span itemprop=\"\">1</span>", "text",
            "<span itemprop=\"a\"> > </span>", "<span itemprop=\"a\">&nbsp;</span>", "<span>1</span>",
            "<a itemprop=\"a\" data-type=\"obj\">zz</a>", "<a itemprop=\"a\" data-type=\"page\">HASH</a>",
            "<a itemprop=\"a\">HASH</a>", "<ul itemprop=\"a\"><li>b</li><li>a</li></ul>", "<ol itemprop=\"a\">b</ol>",
            "<dl itemprop=\"a\"><dt>k</dt></dl>", "<div itemprop=\"a\"><li>1</li></div>",
            "<span itemprop=\"a b\">1</span>",
            "<span itemprop=\"a\">1</span> ", "<!-- -->", "</div>",
        ]
    )
    func `What cannot have been written is no object`(_ properties: String) {
        #expect(throws: MicrodataError.self, "\(properties)") {
            try references(properties.replacing("HASH", with: hash.hex))
        }
    }

    @Test func `Nesting without end is refused`() {
        let depth = 100_000
        let open = String(repeating: "<div itemprop=\"a\">", count: depth)
        #expect(throws: MicrodataError.self) { try references(open + String(repeating: "</div>", count: depth)) }
    }
}
