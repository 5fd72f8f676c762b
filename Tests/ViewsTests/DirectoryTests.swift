import Objects
import TestSupport
import Testing

@testable import Views

@Suite struct DirectoryTests {
    @Test func `A listing goes on after any line of it`() throws {
        let sample = Sample(show: [.objects])
        for index in 0..<700 { sample.tree.addDocument("\(index)", in: FixedEntry.files, "") }
        for index in 0..<300 { sample.note("\(index)") }
        for number in try [
            FixedEntry.root, FixedEntry.files, FixedEntry.contacts, FixedEntry.machine,
            sample.entry(".iom/objects").number,
            sample.entry(".iom/types/Note").number, sample.entry(".iom/status").number,
            sample.entry(".iom/previews").number,
        ] {
            var lines: [Directory.Line] = []
            try sample.view.openDirectory(number).list(after: 0) { line throws(ObjectError) in
                lines.append(line)
                return true
            }
            let names = lines.map(\.entry.name)
            #expect(names.prefix(2) == [".", ".."] && Set(names).count == names.count)
            #expect(
                Set(lines.map(\.cursor)).count == names.count
                    && lines.allSatisfy { $0.cursor > 0 && $0.cursor < 1 << 62 }
            )
            for (index, line) in lines.enumerated() where index % 37 == 0 || index < 4 {
                let rest = try sample.names(in: sample.view.openDirectory(number), after: line.cursor)
                #expect(rest == Array(names[(index + 1)...]))
            }
        }
    }

    @Test func `All objects are in their shards, each once`() throws {
        let sample = Sample()
        let hashes = (0..<1_000).map { sample.note("\($0)").hash.hex }
        var found: [String] = []
        for shard in try sample.names(in: sample.view.openDirectory(sample.entry(".iom/objects").number)).dropFirst(2) {
            let directory = try sample.view.openDirectory(sample.entry(".iom/objects/\(shard)").number)
            found += try sample.names(in: directory).dropFirst(2)
        }
        #expect(found == hashes.sorted())
    }

    @Test func `What vanishes before the cursor takes nothing with it`() throws {
        let sample = Sample()
        let numbers = (0..<1_000).map { sample.tree.addDocument("\($0)", in: FixedEntry.files, "") }
        let directory = try sample.view.openDirectory(FixedEntry.files)
        let first = try sample.names(in: directory, limit: 402)
        // The last line that was handed out and everything around it, then all there was.
        for number in numbers[300..<500] { sample.tree.remove(number) }
        let cursor = numbers[399] + 2
        let rest = try sample.names(in: directory, after: cursor)
        #expect(Set(rest).isSuperset(of: (512..<1_000).map(String.init)))
        #expect(Set(rest).isDisjoint(with: first))
        for number in numbers[..<600] { sample.tree.remove(number) }
        let last = try sample.names(in: directory, after: cursor)
        #expect(Set(last).isSuperset(of: (768..<1_000).map(String.init)) && Set(last).isDisjoint(with: first))
    }

    @Test func `Names that would break a listing are left out and told of`() throws {
        let sample = Sample()
        let bad = ["", ".", "..", "a/b", "a\0", String(repeating: "a", count: 256)]
        for name in bad { sample.tree.addDocument(name, in: FixedEntry.files, "") }
        for _ in 0..<600 { sample.tree.addDocument("x/y", in: FixedEntry.files, "") }
        sample.tree.addDocument("good", in: FixedEntry.files, "")
        #expect(try sample.names(in: sample.view.openDirectory(FixedEntry.files)) == [".", "..", "good"])
        #expect(sample.status.skipped.count == bad.count + 600)
    }
}
