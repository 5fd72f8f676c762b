import Objects
import SystemPackage
import TestSupport
import Testing

@testable import Views

@Suite(.timeLimit(.minutes(5))) struct ReadTests {
    private static let somebody = Caller { CallingProgram(name: "cat") }

    private func bytes(_ result: ReadResult) -> [UInt8]? {
        if case .bytes(let bytes, let range) = result { Array(bytes[range]) } else { nil }
    }

    @Test func `A range is cut at the end of the file`() throws {
        let sample = Sample()
        let number = sample.tree.addDocument("a", in: FixedEntry.files, "hello")
        let file = try sample.view.open(number)
        for (range, text) in [(0..<5, "hello"), (3..<100, "lo"), (5..<9, ""), (90..<99, "")] {
            #expect(bytes(try sample.view.read(range, of: file, by: Self.somebody)) == Array(text.utf8))
        }
        let absent = sample.note("x")
        let other = try sample.view.open(sample.tree.addFile("b", in: FixedEntry.files, absent, localByteCount: 0))
        guard case .absent(absent.hash, let range) = try sample.view.read(10..<9_999, of: other, by: Self.somebody)
        else {
            Issue.record("not absent")
            return
        }
        #expect(range == 10..<absent.byteCount)
        #expect(bytes(try sample.view.read(9_999..<10_000, of: other, by: Self.somebody)) == [])
    }

    @Test func `An open document is as new as the last change, a status as old as its opening`() throws {
        let sample = Sample()
        let number = sample.tree.addDocument("a", in: FixedEntry.files, "old")
        let file = try sample.view.open(number)
        sample.tree.setDocument(number, "new", modified: .sample)
        #expect(sample.view.invalidations(by: [.content(number)]).first == .content(number))
        #expect(bytes(try sample.view.read(0..<9, of: file, by: Self.somebody)) == Array("new".utf8))
        sample.status.setText("1", of: .stats)
        let status = try sample.view.open(sample.entry(".iom/status/stats.json").number)
        sample.status.setText("2", of: .stats)
        #expect(bytes(try sample.view.read(0..<9, of: status, by: Self.somebody)) == Array("1".utf8))
    }

    @Test func `Only listed programs are kept from fetching, by the name the kernel knows`() throws {
        let sample = Sample(noFetch: ["tracker-miner-fs-3", "updatedb"])
        let file = try sample.view.open(
            sample.tree.addFile("b", in: FixedEntry.files, sample.note("x"), localByteCount: 0)
        )
        for name in ["tracker-miner-f", "updatedb"] {
            let caller = Caller { CallingProgram(name: name) }
            #expect(throws: ObjectError.fetchNotAllowed) { try sample.view.read(0..<1, of: file, by: caller) }
        }
        for name in ["cat", "updatedb2", nil] {
            let caller = Caller { name.map { CallingProgram(name: $0) } }
            guard case .absent = try sample.view.read(0..<1, of: file, by: caller) else {
                Issue.record("\(name ?? "nobody")")
                continue
            }
        }
    }

    @Test func `A failure is told twice when asked twice at once, and then forgotten`() async throws {
        let sample = Sample()
        let object = sample.note("x")
        sample.reader.setAnswer(.fails(.timedOut), to: object.hash)
        let file = try sample.view.open(sample.tree.addFile("b", in: FixedEntry.files, object, localByteCount: 0))
        await #expect(throws: ObjectError.timedOut) {
            try await sample.view.fetch(0..<object.byteCount, of: object.hash, for: file)
        }
        #expect(throws: ObjectError.timedOut) { try sample.view.read(0..<4, of: file, by: Self.somebody) }
        guard case .absent = try sample.view.read(0..<4, of: file, by: Self.somebody) else {
            Issue.record("remembered")
            return
        }
        sample.reader.setAnswer(.fewerBytes, to: object.hash)
        await #expect(throws: ObjectError.self) { try await sample.view.fetch(0..<4, of: object.hash, for: file) }
    }

    @Test func `Who waited for the same bytes fails with the one who asked, who comes later asks anew`() async throws {
        let sample = Sample()
        let object = sample.note("x")
        sample.reader.setAnswer(.fails(.timedOut), to: object.hash)
        let number = sample.tree.addFile("b", in: FixedEntry.files, object, localByteCount: 0)
        let (asking, waiting) = (try sample.view.open(number), try sample.view.open(number))
        await #expect(throws: ObjectError.timedOut) {
            try await sample.view.fetch(0..<object.byteCount, of: object.hash, for: asking)
        }
        let late = try sample.view.open(number)
        #expect(throws: ObjectError.timedOut) { try sample.view.read(0..<4, of: waiting, by: Self.somebody) }
        for file in [waiting, late] {
            guard case .absent = try sample.view.read(0..<4, of: file, by: Self.somebody) else {
                Issue.record("remembered")
                return
            }
        }
    }

    @Test func `Directories and links are not opened for reading`() throws {
        let sample = Sample()
        #expect(throws: ObjectError.system(.isDirectory, "open")) { try sample.view.open(FixedEntry.files) }
        let link = sample.tree.addLink("l", in: FixedEntry.files, to: "x")
        #expect(throws: ObjectError.system(.tooManySymbolicLinkLevels, "open")) { try sample.view.open(link) }
        #expect(try sample.view.link(link) == "x")
        #expect(throws: ObjectError.system(.invalidArgument, "readlink")) { try sample.view.link(FixedEntry.files) }
    }

    @Test func `A change makes old what depends on it and nothing that readers wait for`() throws {
        let sample = Sample()
        let ada = sample.tree.addDirectory("Ada", in: FixedEntry.conversations)
        let file = sample.tree.addFile("a", in: ada, sample.note("x"), localByteCount: 0)
        let above: [Invalidation] = [.attributes(FixedEntry.conversations), .attributes(FixedEntry.root)]
        #expect(sample.view.invalidations(by: [.content(file)]) == [.attributes(file)])
        #expect(sample.view.invalidations(by: [.name("a", in: ada)]) == [.content(ada), .name("a", in: ada)] + above)
        #expect(sample.view.invalidations(by: [.content(ada)]) == [.content(ada)] + above)
        // What happened at once is told at once: what is above both is dropped, and asked for, once.
        let (month, before) = (sample.tree.addDirectory("2026-11", in: ada), sample.tree.questionCount)
        let together: [TreeChange] = (1...50).map { .name("\($0)", in: month) }
        let dropped = sample.view.invalidations(by: together)
        #expect(dropped.suffix(3) == [.attributes(ada)] + above && dropped.count == 103)
        #expect(sample.tree.questionCount - before < 60)
    }
}
