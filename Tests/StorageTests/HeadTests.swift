import Glibc
import Objects
import Storage
import SystemPackage
import TestSupport
import Testing

@Suite("Heads")
struct HeadTests {
    static let ids = (0..<40).map { IDHash(ObjectHash(of: Array("id \($0)".utf8))) }
    static let nodes = (0..<40).map { ObjectHash(of: Array("node \($0)".utf8)) }

    @Test func headIsAFileOf64Digits() throws {
        let fixture = try PosixFixture()
        let (id, node) = (Self.ids[0], Self.nodes[0])
        #expect(try fixture.store.head(of: id) == nil)
        try fixture.store.setHead(node, of: id)
        #expect(try fixture.scratch.read("root/heads/\(id.hex.prefix(2))/\(id.hex)") == Array(node.hex.utf8))
        #expect(try fixture.store.head(of: id) == node)
        try fixture.store.setHead(Self.nodes[1], of: id)
        #expect(try fixture.store.head(of: id) == Self.nodes[1])
        try fixture.store.removeHead(of: id)
        try fixture.store.removeHead(of: id)
        #expect(try fixture.store.head(of: id) == nil)
        #expect(try fixture.leftovers().isEmpty)
    }

    @Test func manyAreSetAtOnceAndListedInOrder() throws {
        let fixture = try PosixFixture()
        try fixture.store.setHeads(zip(Self.ids, Self.nodes).map { ($0, $1) })
        var seen: [IDHash: ObjectHash] = [:]
        var order: [IDHash] = []
        try fixture.store.forEachHead { id, node in
            seen[id] = node
            order.append(id)
        }
        #expect(seen == Dictionary(uniqueKeysWithValues: zip(Self.ids, Self.nodes)))
        #expect(order == order.sorted())
        #expect(try fixture.leftovers().isEmpty)
    }

    static let damage: [String] = [
        "", "x", String(repeating: "a", count: 63), String(repeating: "A", count: 64),
        String(repeating: "a", count: 64) + "\n", String(repeating: "a", count: 65),
    ]

    @Test(arguments: damage)
    func damagedHeadIsNeitherNoneNorAny(_ text: String) throws {
        let fixture = try PosixFixture()
        let id = Self.ids[0]
        try fixture.store.setHeads([(id, Self.nodes[0]), (Self.ids[1], Self.nodes[1])])
        try fixture.scratch.write(Array(text.utf8), to: "root/heads/\(id.hex.prefix(2))/\(id.hex)")
        #expect(throws: ObjectError.self) { try fixture.store.head(of: id) }
        var damaged: [IDHash] = []
        var seen: [IDHash] = []
        try fixture.store.forEachHead(damaged: { damaged.append($0) }) { id, _ in seen.append(id) }
        #expect(damaged == [id] && seen == [Self.ids[1]])
        try fixture.store.setHead(Self.nodes[2], of: id)
        #expect(try fixture.store.head(of: id) == Self.nodes[2])
    }

    @Test func linkInPlaceOfAHeadIsNotFollowed() throws {
        let fixture = try PosixFixture()
        let id = Self.ids[0]
        try fixture.store.setHead(Self.nodes[0], of: id)
        try fixture.scratch.write(Array(Self.nodes[1].hex.utf8), to: "elsewhere")
        let path = fixture.root.path.appending("heads/\(id.hex.prefix(2))/\(id.hex)").string
        unlink(path)
        symlink(fixture.scratch.path.appending("elsewhere").string, path)
        #expect(throws: ObjectError.self) { try fixture.store.head(of: id) }
        try fixture.store.setHead(Self.nodes[2], of: id)
        #expect(try fixture.store.head(of: id) == Self.nodes[2])
        #expect(try fixture.scratch.read("elsewhere") == Array(Self.nodes[1].hex.utf8))
    }
}
