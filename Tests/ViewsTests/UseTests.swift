import Objects
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Views

/// That what is used is noted, and that noting keeps nobody.
@Suite struct UseTests {
    /// A tree with a file that is not here, and a view that notes.
    private struct Noting {
        let tree = MemoryTree()
        let reader = ControlledReader(directory: "/nonexistent")
        let log = UseLog()
        let view: View
        let folder: EntryNumber
        let file: EntryNumber

        init() {
            let options = ViewOptions(gate: ListedGate(["updatedb"]), userID: 7, groupID: 8)
            view = View(of: tree, objects: reader, status: MemoryStatus(), uses: log, options: options)
            folder = tree.addDirectory("Ada", in: FixedEntry.conversations)
            let object = reader.addAbsent(Array("hello".utf8), .bytes)
            file = tree.addFile("a.txt", in: folder, object, localByteCount: 0)
        }

        var taken: [String] {
            log.take().uses.map { "\($0.action) \($0.entry.name)" + ($0.program.map { " by \($0)" } ?? "") }
        }
    }

    @Test func `What is listed, opened and waited for is told in order, the wait once with its program`() throws {
        let noting = Noting()
        _ = try noting.view.openDirectory(noting.folder)
        let file = try noting.view.open(noting.file)
        let askedCount = Mutex(0)
        let caller = Caller {
            askedCount.withLock { $0 += 1 }
            return CallingProgram(name: "cat")
        }
        for _ in 0..<3 { _ = try noting.view.read(0..<5, of: file, by: caller) }
        #expect(noting.taken == ["listed Ada", "opened a.txt", "missed a.txt by cat"])
        #expect(noting.taken == [])
        _ = try noting.view.open(FixedEntry.readme)
        #expect(noting.taken == ["opened README.md"])
    }

    @Test func `Looking at names and attributes is no use, nor is what may not fetch a miss`() throws {
        let noting = Noting()
        let entry = try noting.view.lookup("a.txt", in: noting.folder)
        _ = noting.view.attributes(of: entry)
        _ = try noting.view.openDirectory(FixedEntry.machine)
        #expect(noting.taken == [])
        let file = try noting.view.open(noting.file)
        #expect(throws: ObjectError.fetchNotAllowed) {
            try noting.view.read(0..<5, of: file, by: Caller { CallingProgram(name: "updatedb") })
        }
        #expect(noting.taken == ["opened a.txt"])
    }

    @Test func `A log that nobody reads keeps the first uses and no more than its bound`() throws {
        let noting = Noting()
        _ = try noting.view.openDirectory(noting.folder)
        for _ in 0..<UseLog.countMax + 9 { _ = try noting.view.open(noting.file) }
        let (uses, lostCount) = noting.log.take()
        #expect(uses.count == UseLog.countMax && lostCount == 10)
        #expect(uses.first?.action == .listed)
        _ = try noting.view.open(noting.file)
        #expect(noting.log.take().uses.count == 1)
    }

    @Test func `Many uses wake whoever reads them once`() async throws {
        let noting = Noting()
        for _ in 0..<100 { _ = try noting.view.open(noting.file) }
        var pulses = noting.log.pulses.makeAsyncIterator()
        await pulses.next()
        #expect(noting.log.take().uses.count == 100)
        _ = try noting.view.open(noting.file)
        await pulses.next()
        #expect(noting.log.take().uses.count == 1)
    }
}
