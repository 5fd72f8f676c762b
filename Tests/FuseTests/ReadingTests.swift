import Objects
import SystemPackage
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(1)))
struct ReadingTests {
    static let text = Array((0..<50_000).map { "line \($0)\n" }.joined().utf8)

    @Test func `ls, stat and cat show what the tree says`() async throws {
        try await Mounted.with { mounted in
            let day = mounted.tree.addDirectory("Ada", in: FixedEntry.conversations)
            mounted.tree.addDocument("day.md", in: day, "Hello\n")
            mounted.tree.addLink("latest.md", in: day, to: "day.md")
            let local = try mounted.reader.addLocal(Self.text)
            mounted.tree.addFile("local.txt", in: FixedEntry.files, local, localByteCount: local.byteCount)
            let absent = mounted.reader.addAbsent(Self.text + [1], .bytes)
            mounted.tree.addFile("absent.bin", in: FixedEntry.files, absent, localByteCount: 0)

            #expect(await mounted.sh("ls").output == "README.md\ncontacts\nconversations\nfiles\n")
            #expect(await mounted.sh("cat conversations/Ada/latest.md").output == "Hello\n")
            #expect(await mounted.sh("sha256sum < files/local.txt").output.hasPrefix(local.hash.hex))
            #expect(await mounted.sh("sha256sum < files/absent.bin").output.hasPrefix(absent.hash.hex))
            let found = await mounted.sh("stat -c '%F %a %s %b %y' files/* | cat")
            #expect(found.output == """
                regular file 444 \(absent.byteCount) 1 2026-11-22 14:03:22.123456789 +0000
                regular file 444 \(local.byteCount) \((local.byteCount + 511) / 512) 2026-11-22 14:03:22.123456789 +0000

                """)
        }
    }
}
