import Objects
import Storage
import SystemPackage
import TestSupport
import Testing
import Views

@testable import Node

/// Pins as they are answered for, over a tree in memory.
@Suite struct PinBoardTests {
    let disk = MemoryDisk()
    let tree = MemoryTree()

    init() throws { try Root.lay(out: disk) }

    func board() throws -> PinBoard { try PinBoard(disk: disk, random: SeededRandom(seed: 1), tree: tree) }

    func object(_ text: String) -> KnownObject {
        let bytes = Array(text.utf8)
        return KnownObject(hash: ObjectHash(of: bytes), bytes: bytes)
    }

    func file(_ name: String, in directory: EntryNumber, _ text: String) throws -> Entry {
        try tree.entry(tree.addFile(name, in: directory, object(text), localByteCount: 0))
    }

    @Test func `A folder's pin holds what is in it now and later, and nothing beside it`() throws {
        let (trip, other) = (
            tree.addDirectory("trip", in: FixedEntry.conversations),
            tree.addDirectory("x", in: FixedEntry.conversations)
        )
        let month = tree.addDirectory("2026-11", in: trip)
        let (inside, outside) = (try file("a", in: month, "a"), try file("b", in: other, "b"))
        let board = try board()
        try board.set(true, .entry(tree.entry(trip)))
        let later = try file("c", in: month, "c")
        for held in [inside, later] {
            let pin = try board.pin(holding: held)
            #expect(pin?.description == "conversations/trip")
        }
        #expect(try board.pin(holding: object("c").hash)?.description == "conversations/trip")
        #expect(try board.pin(holding: outside) == nil)
        #expect(try board.pin(holding: object("b").hash) == nil)
        // The same bytes at a second place are held by the first.
        #expect(try board.pin(holding: file("again", in: other, "a"))?.description == "conversations/trip")
    }

    @Test func `A pin outlives the name it was set by, and a restart`() throws {
        let trip = tree.addDirectory("trip", in: FixedEntry.conversations)
        let photo = try file("a", in: trip, "a")
        let board = try board()
        try board.set(true, .entry(tree.entry(trip)))
        var renamed = try tree.entry(trip)
        renamed.name = "Summer trip"
        tree.insert(renamed)
        #expect(board.concerns(.name("Summer trip", in: FixedEntry.conversations)))
        try board.settle()
        // Somebody else has the old name now.
        tree.addDirectory("trip", in: FixedEntry.conversations)
        let next = try self.board()
        for board in [board, next] {
            #expect(board.pins.map(\.description) == ["conversations/Summer trip"])
            #expect(try board.pin(holding: photo)?.description == "conversations/Summer trip")
        }
        try next.set(false, .entry(tree.entry(trip)))
        #expect(try self.board().isEmpty)
    }

    @Test func `A pin whose entry is not known yet holds it when it comes`() throws {
        let board = try board()
        let trip = tree.addDirectory("trip", in: FixedEntry.conversations)
        try board.set(true, .entry(tree.entry(trip)))
        tree.remove(trip)
        let next = try self.board()
        #expect(next.concerns(.name("trip", in: FixedEntry.conversations)))
        let again = tree.addDirectory("trip", in: FixedEntry.conversations)
        try next.settle()
        #expect(try next.pin(holding: file("a", in: again, "a"))?.description == "conversations/trip")
    }

    @Test func `What another pin goes on holding says so`() throws {
        let trip = tree.addDirectory("trip", in: FixedEntry.conversations)
        let photo = try file("a", in: trip, "a")
        let board = try board()
        for entry in [try tree.entry(trip), photo] { try board.set(true, .entry(entry)) }
        let reason = ObjectError.system(.resourceBusy, "it stays here because `conversations/trip` is pinned")
        #expect(throws: reason) { try board.set(false, .entry(photo)) }
        #expect(board.pins.map(\.description) == ["conversations/trip"])
        try board.set(true, .object(object("a").hash))
        #expect(throws: Never.self) { try board.set(false, .entry(tree.entry(FixedEntry.contacts))) }
        #expect(try board.pin(holding: object("a").hash)?.hash == object("a").hash)
    }

    @Test func `Changes elsewhere are of no concern`() throws {
        let (trip, other) = (
            tree.addDirectory("trip", in: FixedEntry.conversations),
            tree.addDirectory("x", in: FixedEntry.conversations)
        )
        let board = try board()
        try board.set(true, .entry(tree.entry(trip)))
        let (inside, outside) = (try file("a", in: trip, "a"), try file("b", in: other, "b"))
        #expect(board.concerns(.name("a", in: trip)))
        #expect(board.concerns(.content(inside.number)))
        #expect(!board.concerns(.name("b", in: other)))
        #expect(!board.concerns(.content(outside.number)))
        tree.setLocalByteCount(1, of: inside.number)
        #expect(!board.concerns(.content(inside.number)))
    }
}
