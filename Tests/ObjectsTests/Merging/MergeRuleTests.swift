import Testing

@testable import Objects

/// The rules of merging one by one, and what damaged histories come to.
@Suite struct MergeRuleTests {
    private let book: RecipeBook

    init() throws { book = try FixtureBook.book.get() }

    private func note(_ fields: (String, Value?)...) -> OneObject {
        OneObject("Fix$Crdt", [("id", .string("x")), ("s", .string("s"))] + fields)
    }

    private func texts(_ texts: String...) -> Value { .list(texts.map(Value.string)) }

    private func doc(_ fields: (String, Value?)...) -> OneObject {
        OneObject("Fix$Doc", [("id", .string("x"))] + fields)
    }

    /// Changes made here, one a millisecond, and then a version from elsewhere.
    private func merged(_ changes: [OneObject], _ other: OneObject, at time: Double) throws -> OneObject? {
        var versions = try MemoryVersions.withReferredObjects(book)
        for (number, object) in changes.enumerated() { try versions.change(object, at: Double(number)) }
        let id = try versions.id(of: other)
        try versions.advance(id) { (lineage) throws(MergeError) in try lineage.merge(other, at: time) }
        return try versions.current(id)
    }

    @Test func `What was deleted is back if somebody else has it`() throws {
        let result = try merged([note(("i", .number(1))), note()], note(("i", .number(2))), at: -5)
        #expect(result?["i"] == .number(2))
        let gone = try merged([note(("i", .number(1))), note()], note(), at: 9)
        #expect(gone?["i"] == nil)
    }

    @Test func `Adding an item wins over removing it, however late that was`() throws {
        let result = try merged(
            [note(("set", texts("a", "b"))), note(("set", texts("b")))],
            note(("set", texts("a"))),
            at: -5
        )
        #expect(result?["set"] == texts("a", "b"))
    }

    @Test func `Arrays have the order of who is first, and so may differ`() throws {
        let one = try merged([doc(("list", texts("1", "2")))], doc(("list", texts("3", "1"))), at: 5)
        #expect(one?["list"] == texts("1", "2", "3"))
        let other = try merged([doc(("list", texts("3", "1")))], doc(("list", texts("1", "2"))), at: 5)
        #expect(other?["list"] == texts("3", "1", "2"))
    }

    @Test func `Entries of a map are merged one by one, in the order of the first`() throws {
        func map(_ pairs: (String, String)...) -> Value {
            .map(pairs.map { .init(.string($0.0), .string($0.1)) })
        }
        let result = try merged(
            [note(("map", map(("a.b", "1"), ("b", "2"))))],
            note(("map", map(("c", "3"), ("b", "9"), ("a.b", "8")))),
            at: 5
        )
        #expect(result?["map"] == map(("a.b", "8"), ("b", "9"), ("c", "3")))
    }

    @Test func `What both took over from one version is merged inside what it refers to`() throws {
        func referring(_ fields: (String, Value?)...) throws -> OneObject {
            note(("ref", .reference(try EncodedObject(OneObject("Fix$Note", fields), book).hash)))
        }
        let common = try referring(("title", .string("n")), ("stars", .number(1)))
        var here = try MemoryVersions.withReferredObjects(book)
        for (stars, body) in [(1.0, nil), (2, nil), (1, "b")] as [(Double, String?)] {
            let fields: [(String, Value?)] = [
                ("title", .string("n")), ("stars", .number(stars)), ("body", body.map(Value.string)),
            ]
            try here.put(OneObject("Fix$Note", fields))
        }
        try here.change(common, at: 1)
        var there = here
        try here.change(referring(("title", .string("n")), ("stars", .number(2))), at: 2)
        try there.change(referring(("title", .string("n")), ("stars", .number(1)), ("body", .string("b"))), at: 3)
        let id = try here.id(of: common)
        let head = try #require(there.heads[id])
        here.takeObjects(of: there)
        #expect(try here.adopt(head, of: id) == .merged)
        let both = try referring(("title", .string("n")), ("stars", .number(2)), ("body", .string("b")))
        #expect(try here.current(id) == both)
        guard case .reference(let made)? = both["ref"] else { return }
        #expect(here.objects[made] != nil)
    }

    @Test func `A recipe chooses algorithms by path, and a star stands for one component`() throws {
        func result(_ lines: [Recipe.MergeAlgorithm]) throws -> Value? {
            var book = book
            let rules = [
                Recipe.Rule("id", isID: true),
                Recipe.Rule("o", .object([Recipe.Rule("list", .array(.string(pattern: nil)), optional: true)])),
            ]
            try book.register(Recipe(name: "Chosen", rules: rules, mergeAlgorithms: lines))
            var versions = MemoryVersions(book)
            func object(_ list: Value) -> OneObject {
                OneObject("Chosen", [("id", .string("x")), ("o", .object(Properties([("list", list)])))])
            }
            try versions.change(object(texts("1")), at: 1)
            let id = try versions.id(of: object(texts("2")))
            try versions.advance(id) { (lineage) throws(MergeError) in try lineage.merge(object(texts("2")), at: 2) }
            guard case .object(let properties)? = try versions.current(id)?["o"] else { return nil }
            return properties["list"]
        }
        #expect(try result([]) == texts("1", "2"))
        for path in ["o.list#array", "*.list#array", "o.*#array", "*.*#array"] {
            #expect(try result([.init(path, "Register")]) == texts("2"), "\(path)")
        }
        for path in ["*.*.*#array", "list#array", "o.lis#array"] {
            #expect(try result([.init(path, "Register")]) == texts("1", "2"), "\(path)")
        }
        #expect(try result([.init("*.*#array", "Register"), .init("o.list#array", "Set")]) == texts("1", "2"))
        // A path without a role is that of the optional property too.
        #expect(throws: MergeError.self) { try result([.init("o.list", "Register")]) }
        #expect(throws: MergeError.self) { try result([.init("o.list#array", "Unheard")]) }
    }

    @Test func `A history of a hundred thousand nodes is walked`() throws {
        let (count, data) = (100_000, ObjectHash(of: [0]))
        func hash(_ number: Int) -> ObjectHash { ObjectHash(of: withUnsafeBytes(of: number) { Array($0) }) }
        var nodes: [ObjectHash: VersionNode] = [:]
        for number in 0..<count {
            let link = number == 0 ? VersionNode.Link.edge : .change(previous: hash(number - 1))
            nodes[hash(number)] = VersionNode(link: link, data: data, depth: Double(number), creationTime: 0)
        }
        nodes[data] = VersionNode(link: .edge, data: data, depth: 0, creationTime: 0)
        let graph = try VersionGraph(hash(count - 1), data) { (hash) throws(MergeError) in
            guard let node = nodes[hash] else { throw .unreadable(.unknown) }
            return node
        }
        #expect(graph.nodes.count == count + 1 && graph.base == nil)
        let steps = graph.lastSteps(in: graph.scope) { graph.nodes[$0].hash == hash(0) }
        #expect(steps.first == [graph.nodes.firstIndex { $0.hash == hash(0) }] && steps.second.isEmpty)
        #expect(graph.narrowed(graph.scope, to: steps.first).members.count { $0 } == count)
    }

    @Test func `A long history is merged`() throws {
        var here = MemoryVersions(book)
        for number in 0..<3_000 { try here.change(doc(("rev", .number(Double(number)))), at: Double(number)) }
        let id = try here.id(of: doc())
        let told = try here.put(doc(("body", .string("b"))), link: .edge, depth: 0, at: -1)
        #expect(try here.take([told], of: id) == .merged)
        #expect(try here.current(id) == doc(("rev", .number(2_999)), ("body", .string("b"))))
    }

    @Test func `A history that is damaged is one error and changes nothing`() throws {
        var here = MemoryVersions(book)
        try here.change(doc(("rev", .number(1))), at: 1)
        let id = try here.id(of: doc())
        let before = here.heads
        let lost = ObjectHash(of: Array("lost".utf8))
        func fails(_ node: ObjectHash) throws -> MergeError? {
            do throws(MergeError) {
                try here.advance(id) { (lineage) throws(MergeError) in try lineage.adopt(node, isSparse: false) }
                return nil
            } catch {
                return error
            }
        }
        let missing = try here.put(doc(("rev", .number(2))), link: .change(previous: lost), depth: 4, at: 2)
        #expect(try fails(missing) == .unreadable(.unreachable))
        let edge = try here.put(doc(("rev", .number(3))), link: .edge, depth: 8, at: 2)
        let rising = try here.put(doc(("rev", .number(4))), link: .change(previous: edge), depth: 8, at: 3)
        #expect(try fails(rising) == .damaged(rising, "its depth does not fit its history"))
        let other = OneObject("Fix$Doc", [("id", .string("y"))])
        let foreign = try here.put(other, link: .edge, depth: 0, at: 3)
        let mixed = try here.put(doc(), link: .change(previous: foreign), depth: 1, at: 3)
        for node in [foreign, mixed] {
            #expect(try fails(node) == .damaged(EncodedObject(other, book).hash, "is a version of another thing"))
        }
        #expect(here.heads == before)
        #expect(throws: MergeError.self) { try here.take([rising, edge], of: id) }
        #expect(throws: MergeError.self) { try here.take([foreign], of: id) }
        #expect(here.heads == before)
        // What lies behind a version of somebody else is their matter.
        #expect(try here.take([missing], of: id) == .merged)
    }

    /// No hash names what contains it, so the circle is made by who reads.
    @Test func `A circle of nodes is an error`() throws {
        let versions = MemoryVersions(book)
        let (one, other) = (ObjectHash(of: [1]), ObjectHash(of: [2]))
        let data = try EncodedObject(doc(), book)
        let nodes = [
            one: VersionNode(link: .change(previous: other), data: data.hash, depth: 2, creationTime: 1),
            other: VersionNode(link: .change(previous: one), data: data.hash, depth: 1, creationTime: 1),
        ]
        var lineage = Lineage(of: try versions.id(of: doc()), head: nil, book) { (hash) throws(ObjectError) in
            if hash == data.hash { return data.object }
            guard let node = nodes[hash] else { throw .unreachable }
            return node.object
        }
        #expect(throws: MergeError.damaged(one, "its depth does not fit its history")) {
            try lineage.importing([one, other])
        }
        #expect(lineage.head == nil && lineage.made.isEmpty)
    }
}
