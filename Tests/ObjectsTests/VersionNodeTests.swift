import Objects
import Testing

@Suite struct VersionNodeTests {
    /// Nodes by a name, which becomes their hash and that of their data.
    private struct History {
        var nodes: [ObjectHash: VersionNode] = [:]

        static func hash(_ name: String) -> ObjectHash { ObjectHash(of: Array(name.utf8)) }

        mutating func add(_ name: String, _ link: VersionNode.Link) {
            let hash = Self.hash(name)
            nodes[hash] = VersionNode(link: link, data: hash, depth: 0, creationTime: 0)
        }

        func node(_ hash: ObjectHash) throws(ObjectError) -> VersionNode {
            guard let node = nodes[hash] else { throw .unknown }
            return node
        }

        func versions(_ head: String) throws -> [ObjectHash] {
            try VersionNode.versions(from: Self.hash(head), node: node).map(\.data)
        }
    }

    private func hash(_ name: String) -> ObjectHash { History.hash(name) }

    /// edge a ← b ← c; edge x ← y; merge m of c and y; m ← d.
    private var history: History {
        var history = History()
        history.add("a", .edge)
        history.add("b", .change(previous: hash("a")))
        history.add("c", .change(previous: hash("b")))
        history.add("x", .edge)
        history.add("y", .change(previous: hash("x")))
        history.add("m", .merge([hash("c"), hash("y")]))
        history.add("d", .change(previous: hash("m")))
        return history
    }

    @Test func versionsComeOldestFirstWithoutMerges() throws {
        #expect(try history.versions("a") == [hash("a")])
        #expect(try history.versions("c") == ["a", "b", "c"].map(hash))
        #expect(try history.versions("m") == ["x", "y", "a", "b", "c"].map(hash))
        #expect(try history.versions("d") == ["x", "y", "a", "b", "c", "d"].map(hash))
    }

    @Test func aSharedVersionComesOnceAndBeforeBoth() throws {
        var history = history
        history.add("b2", .change(previous: hash("a")))
        history.add("m2", .merge([hash("c"), hash("b2")]))
        #expect(try history.versions("m2") == ["a", "b2", "b", "c"].map(hash))
    }

    @Test func aCircleEndsAndAMissingNodeIsAnError() throws {
        var history = history
        history.add("r", .change(previous: hash("s")))
        history.add("s", .merge([hash("r"), hash("a")]))
        #expect(try history.versions("r") == ["a", "r"].map(hash))
        history.add("t", .change(previous: hash("gone")))
        #expect(throws: ObjectError.unknown) { try history.versions("t") }
        history.add("u", .change(previous: nil))
        #expect(try history.versions("u") == [hash("u")])
    }

    @Test func ancestorsAreFoundThroughMerges() throws {
        let history = history
        func isAncestor(_ one: String, _ other: String) throws -> Bool {
            try VersionNode.isAncestor(hash(one), of: hash(other), node: history.node)
        }
        #expect(try isAncestor("x", "d"))
        #expect(try isAncestor("m", "d"))
        #expect(try !isAncestor("d", "x"))
        #expect(try !isAncestor("d", "d"))
        #expect(try !isAncestor("x", "c"))
    }

    @Test func aLongHistoryIsNoDeepRecursion() throws {
        var history = History()
        history.add("0", .edge)
        for index in 1...50_000 { history.add("\(index)", .change(previous: hash("\(index - 1)"))) }
        #expect(try history.versions("50000").count == 50_001)
        #expect(try VersionNode.isAncestor(hash("0"), of: hash("50000"), node: history.node))
    }

    @Test func nodesAreTheirObjects() throws {
        let links: [VersionNode.Link] = [
            .edge, .change(previous: hash("a")), .change(previous: nil), .merge([hash("a"), hash("b")].sorted()),
        ]
        for link in links {
            let node = VersionNode(link: link, data: hash("data"), depth: 3, creationTime: 1_700_000_000_123)
            let bytes = try Microdata.bytes(of: node.object, .standard)
            #expect(VersionNode(object: try Microdata.object(from: bytes, .standard)) == node)
        }
        #expect(VersionNode(object: License.affirmation) == nil)
    }

    /// Heads of a directory the reference wrote: every version's data is there and of the same ID hash as the head's file.
    @Test func historiesOfTheReferenceAreWalked() throws {
        let files = Dictionary(
            uniqueKeysWithValues: try Fixtures.objects("one-store/alice").map { ($0.name, $0.bytes) }
        )
        let book = try FixtureBook.book.get()
        func node(_ hash: ObjectHash) throws(ObjectError) -> VersionNode {
            guard let bytes = files[hash.hex], let object = try? Microdata.object(from: bytes, book),
                let node = VersionNode(object: object)
            else { throw .unknown }
            return node
        }
        let heads = try Fixtures.files("one-store/alice", in: "vheads")
        #expect(!heads.isEmpty)
        for file in heads {
            let head = try #require(ObjectHash(hex: String(decoding: file.bytes, as: UTF8.self)))
            let versions = try VersionNode.history(from: head, node: node)
            #expect(!versions.isEmpty)
            for version in versions {
                let bytes = try #require(files[version.node.data.hex])
                #expect(try EncodedObject(Microdata.object(from: bytes, book), book).idHash?.hex == file.name)
            }
        }
    }
}
