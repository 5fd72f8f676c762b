import Testing

@testable import Objects

/// What the reference did step by step, we do with the same nodes, versions and heads.
@Suite struct MergeFixtureTests {
    private let book: RecipeBook

    init() throws { book = try FixtureBook.book.get() }

    @Test func everyStepHasTheBytesOfTheReference() throws {
        let lines = try Fixtures.lines("one-format/merges.jsonl")
        #expect(!lines.isEmpty)
        for line in lines { try follow(line) }
    }

    private func follow(_ line: JSON) throws {
        let id = try #require(IDHash(hex: try line.text("idHash")))
        let name = try line.text("name")
        var versions = try surroundings()
        for (number, step) in (line["steps"]?.items ?? []).enumerated() {
            let label = Comment(rawValue: "\(name), step \(number)")
            let object = try TaggedJSON.object(step["input"] ?? .null, book)
            guard case .number(let time)? = step["time"] else { throw FixtureError("no time") }
            let outcome = try take(try step.text("op"), object, time, id, into: &versions)
            let head = try #require(versions.heads[id])
            let result = step["result"] ?? .null
            #expect(try result.text("status") == (outcome == .exists ? "exists" : "new"), label)
            #expect(try head.hex == step.text("head"), label)
            #expect(try versions.objects[head] == step.bytes("headMicrodata"), label)
            let data = try #require(try versions.data(of: id))
            #expect(try data.hex == result.text("hash"), label)
            let microdata = String(decoding: try #require(versions.objects[data]), as: UTF8.self)
            #expect(try microdata == step.text("currentMicrodata"), label)
        }
        let head = try #require(versions.heads[id])
        let history = try VersionNode.history(from: head, node: versions.node).map(\.hash.hex)
        #expect(history == line["nodeHashesOldestFirst"]?.items?.compactMap(\.text), "\(name)")
    }

    private func take(
        _ operation: String,
        _ object: OneObject,
        _ time: Double,
        _ id: IDHash,
        into versions: inout MemoryVersions
    ) throws -> Lineage.Outcome {
        switch operation {
        case "change":
            return try versions.advance(id) { (lineage) throws(MergeError) in
                try lineage.change(object, at: time)
            }
        case "merge":
            return try versions.advance(id) { (lineage) throws(MergeError) in
                try lineage.merge(object, at: time)
            }
        case "import":
            // As a peer offers it: deep in a history of which nothing else came.
            let link = VersionNode.Link.change(previous: ObjectHash(of: Array("elsewhere".utf8)))
            let told = VersionNode(link: link, data: try versions.put(object), depth: 7, creationTime: time)
            let node = try versions.put(told.object)
            return try versions.advance(id) { (lineage) throws(MergeError) in try lineage.importing([node]) }
        default: throw FixtureError("unknown operation \(operation)")
        }
    }

    /// Objects the scenarios refer to, without giving them.
    private func surroundings() throws -> MemoryVersions {
        var versions = MemoryVersions(book)
        for text in ["A", "B", "C"] { try versions.put(OneObject("Fix$Text", [("text", .string(text))])) }
        for number in 0..<10 { try versions.put(OneObject("Fix$Number", [("n", .number(Double(number)))])) }
        return versions
    }
}
