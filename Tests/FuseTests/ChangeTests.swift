import Fuse
import Glibc
import Objects
import SystemPackage
import TestSupport
import Testing

/// What the kernel remembers, and that it is told of changes.
@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(5)))
struct ChangeTests {
    /// Waits until a line of `sh` gives this, looking again and again: the kernel is told a moment after the change.
    static func expect(_ line: String, in mounted: Mounted, gives output: String) async {
        var last = ""
        for _ in 0..<200 {
            last = await mounted.sh(line).output
            if last == output { return }
        }
        #expect(last == output, "\(line)")
    }

    @Test(arguments: Mounted.dataPaths) func `A day that grew is read anew`(_ passthrough: Passthrough) async throws {
        try await Mounted.with(passthrough) { mounted in
            let day = mounted.tree.addDocument("day.md", in: FixedEntry.conversations, "one\n")
            #expect(await mounted.sh("cat conversations/day.md; stat -c %s conversations/day.md").output == "one\n4\n")
            let later = Timestamp(nanoseconds: Timestamp.sample.nanoseconds + 1_000_000_000)
            mounted.tree.setDocument(day, "one\ntwo\n", modified: later)
            await Self.expect("stat -c %s conversations/day.md", in: mounted, gives: "8\n")
            #expect(await mounted.sh("cat conversations/day.md").output == "one\ntwo\n")
            // Of the same size and time, as when somebody is renamed.
            mounted.tree.setDocument(day, "two\none\n", modified: later)
            await Self.expect("cat conversations/day.md", in: mounted, gives: "two\none\n")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `A day that grows while it is open is read as it is`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let day = mounted.tree.addDocument("day.md", in: FixedEntry.conversations, "one\n")
            let file = try await Shell.open(mounted.path.appending("conversations/day.md")).get()
            defer { try? file.close() }
            #expect(await Shell.read(file, at: 0, byteCount: 100) == .success(Array("one\n".utf8)))
            mounted.tree.setDocument(day, "one\ntwo\n", modified: .sample)
            await Self.expect("cat conversations/day.md", in: mounted, gives: "one\ntwo\n")
            #expect(await Shell.read(file, at: 0, byteCount: 100) == .success(Array("one\ntwo\n".utf8)))
        }
    }

    @Test(arguments: Mounted.dataPaths) func `A new name appears and an old one goes, in listings and by name`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let ada = mounted.tree.addDirectory("Ada", in: FixedEntry.conversations)
            let first = mounted.tree.addDocument("1.md", in: ada, "1")
            #expect(await mounted.sh("ls conversations/Ada; cat conversations/Ada/2.md").output.hasPrefix("1.md\ncat:"))
            mounted.tree.addDocument("2.md", in: ada, "2")
            await Self.expect("cat conversations/Ada/2.md", in: mounted, gives: "2")
            await Self.expect("ls conversations/Ada", in: mounted, gives: "1.md\n2.md\n")
            mounted.tree.remove(first)
            await Self.expect("ls conversations/Ada", in: mounted, gives: "2.md\n")
            await Self.expect("test -e conversations/Ada/1.md || echo gone", in: mounted, gives: "gone\n")
        }
    }

    @Test(arguments: Mounted.dataPaths)
    func `What was fetched takes space, and who reads it meanwhile is not in the way`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough) { mounted in
            let absent = mounted.reader.addAbsent([UInt8](repeating: 7, count: 4_096), .blocks)
            let number = mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let day = mounted.tree.addDocument("day.md", in: FixedEntry.conversations, "one\n")
            #expect(await mounted.sh("stat -c %b files/a; cat conversations/day.md").output == "1\none\n")
            async let reader = mounted.sh("wc -c < files/a")
            await mounted.reader.waitUntilBlocked(1)
            mounted.tree.setLocalByteCount(4_096, of: number)
            await Self.expect("stat -c %b files/a", in: mounted, gives: "8\n")
            mounted.tree.setDocument(day, "two\n", modified: .sample)
            await Self.expect("cat conversations/day.md", in: mounted, gives: "two\n")
            mounted.reader.release()
            #expect(await reader.output == "4096\n")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `A working directory survives news in it and beside it`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let ada = mounted.tree.addDirectory("Ada", in: FixedEntry.conversations)
            async let inside = mounted.sh(
                "cd conversations/Ada; touch \(mounted.directory)/pids; until [ -e new.md ]; do :; done; /bin/pwd; ls"
            )
            _ = await Shell.run("until [ -e \(mounted.directory)/pids ]; do :; done")
            mounted.tree.insert(try mounted.tree.entry(ada))
            mounted.tree.addDocument("new.md", in: ada, "new")
            #expect(await inside.output == "\(mounted.path)/conversations/Ada\nnew.md\n")
        }
    }

    @Test func `What is not there is asked for once, and seen when it comes`() async throws {
        try await Mounted.with { mounted in
            let probe = "for i in 1 2 3 4 5; do test -e files/.git; test -e files/.hidden; done"
            _ = await mounted.sh("ls files; \(probe)")
            let before = mounted.tree.questionCount
            _ = await mounted.sh(probe)
            #expect(mounted.tree.questionCount == before)
            mounted.tree.addDocument(".hidden", in: FixedEntry.files, "secret\n")
            await Self.expect("cat files/.hidden", in: mounted, gives: "secret\n")
            // What nobody told of yet may be with somebody all the same.
            let object = mounted.reader.addAbsent(Array("far".utf8), .bytes)
            let path = ".iom/objects/\(object.hash.hex.prefix(2))/\(object.hash)"
            #expect(await mounted.sh("cat \(path)").exitCode != 0)
            mounted.tree.addKnown(object, held: false)
            #expect(await mounted.sh("cat \(path)").output == "far")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `What was asked once is not asked again`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough) { mounted in
            let ada = mounted.tree.addDirectory("Ada", in: FixedEntry.conversations)
            for index in 0..<100 { mounted.tree.addDocument("\(index).md", in: ada, "\(index)") }
            let first = await mounted.sh("ls -lR --time-style=full-iso; grep -r 7 conversations | sort")
            _ = await mounted.sh("ls -lR; grep -r 7 conversations")
            let before = mounted.tree.questionCount
            #expect(
                await mounted.sh("ls -lR --time-style=full-iso").output + ""
                    == first.output.components(before: "conversations/Ada/17.md")
            )
            // Opening a directory asks what it is, the listing and the entries come from memory.
            #expect(mounted.tree.questionCount - before < 20)
        }
    }
}

extension String {
    fileprivate func components(before text: String) -> String {
        split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.hasPrefix(text) }.map { $0 + "\n" }
            .joined()
    }
}
