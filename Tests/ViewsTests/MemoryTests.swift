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
        _ = view.invalidations(by: .content(file))
        #expect(try view.entry(file).byteCount == 4)
        _ = try view.entry(FixedEntry.files)
        tree.remove(file)
        _ = view.invalidations(by: .name("a", in: FixedEntry.files))
        #expect(throws: ObjectError.unknown) { try view.entry(file) }
        #expect(try questions { _ = try view.entry(other) } == 0)
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
