import Objects
import TestSupport
import Testing

@testable import Views

/// What a view remembers of the tree, and that it forgets it in time.
@Suite struct MemoryTests {
    private let sample = Sample()
    private var tree: MemoryTree { sample.tree }
    private var view: View { sample.view }

    @Test func `Nothing is remembered where nobody tells of changes`() throws {
        let file = tree.addDocument("a", in: FixedEntry.files, "one")
        #expect(try view.entry(file).byteCount == 3)
        tree.setDocument(file, "more", modified: .sample)
        #expect(try view.entry(file).byteCount == 4)
    }

    @Test func `An entry is asked for once, until it changes or its name does`() throws {
        _ = view.changes()
        let file = tree.addDocument("a", in: FixedEntry.files, "one")
        let other = tree.addDocument("b", in: FixedEntry.conversations, "one")
        func questions(_ body: () throws -> Void) rethrows -> Int {
            let before = tree.questionCount
            try body()
            return tree.questionCount - before
        }
        #expect(try questions { for _ in 0..<5 { _ = try (view.entry(file), view.entry(other)) } } == 2)
        tree.setDocument(file, "more", modified: .sample)
        _ = view.invalidations(by: [.content(file)])
        #expect(try view.entry(file).byteCount == 4)
        _ = try view.entry(FixedEntry.files)
        tree.remove(file)
        _ = view.invalidations(by: [.name("a", in: FixedEntry.files)])
        #expect(throws: ObjectError.unknown) { try view.entry(file) }
        #expect(try questions { _ = try view.entry(other) } == 0)
    }

    @Test func `A document is rendered once, until it changes`() throws {
        func text(_ number: EntryNumber) throws -> String {
            let result = try view.read(0..<99, of: view.open(number), by: Caller { CallingProgram(name: "cat") })
            guard case .bytes(let bytes, let range) = result else { return "no document" }
            return String(decoding: bytes[range], as: UTF8.self)
        }
        let day = tree.addDocument("day", in: FixedEntry.conversations, "one")
        let other = tree.addDocument("other", in: FixedEntry.conversations, "two")
        _ = try (text(day), view.changes())
        #expect(try (text(day), text(other)) == ("one", "two"))
        let before = tree.questionCount
        for _ in 0..<3 { #expect(try (text(day), text(other)) == ("one", "two")) }
        #expect(tree.questionCount == before)
        let open = try view.open(day)
        // As long as before, and no younger.
        tree.setDocument(day, "ten", modified: .sample)
        _ = view.invalidations(by: [.content(day)])
        #expect(try (text(day), text(other)) == ("ten", "two"))
        guard case .bytes(let bytes, _) = try view.read(0..<99, of: open, by: Caller { CallingProgram(name: "cat") })
        else { return }
        #expect(bytes == Array("ten".utf8))
    }

    @Test func `Documents in memory are bounded, and what changed meanwhile is not kept`() {
        let memory = DocumentMemory()
        memory.keep([1], of: 1, since: memory.moment)
        #expect(memory[1] == nil)
        memory.begin()
        for number in 0..<DocumentMemory.countMax + 1 {
            memory.keep([1], of: EntryNumber(number), since: memory.moment)
            _ = memory[0]
        }
        #expect(memory[0] == [1] && memory[1] == nil && memory[2] == [1])
        let half = [UInt8](repeating: 0, count: DocumentMemory.byteCountMax / 2)
        for number: EntryNumber in 90..<93 { memory.keep(half, of: number, since: memory.moment) }
        #expect(memory[90] == nil && memory[91] == half && memory[92] == half && memory[0] == nil)
        memory.keep(half + half + [1], of: 95, since: memory.moment)
        #expect(memory[95] == nil)
        let moment = memory.moment
        memory.drop(92)
        memory.keep([2], of: 93, since: moment)
        #expect(memory[92] == nil && memory[93] == nil && memory[91] == half)
    }

    @Test func `What was asked for before a change is not remembered after it`() {
        let memory = EntryMemory()
        memory.begin()
        let entry = Readme.entry
        let before = memory.moment
        memory.drop([.attributes(99)])
        memory.keep([entry], of: before)
        #expect(memory[entry.number] == nil)
        memory.keep([entry], of: memory.moment)
        #expect(memory[entry.number] == entry)
        memory.drop([.name("x", in: entry.parent)])
        #expect(memory[entry.number] == nil)
    }
}
