import Fuse
import Glibc
import Objects
import SystemPackage
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(5)))
struct ReadingTests {
    static let text = Array((0..<50_000).map { "line \($0)\n" }.joined().utf8)

    @Test(arguments: Mounted.dataPaths) func `ls, stat and cat show what the tree says`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough) { mounted in
            let day = mounted.tree.addDirectory("Ada", in: FixedEntry.conversations)
            mounted.tree.addDocument("day.md", in: day, "Hello\n")
            mounted.tree.addLink("latest.md", in: day, to: "day.md")
            let local = try mounted.reader.addLocal(Self.text)
            mounted.tree.addFile("local.txt", in: FixedEntry.files, local, localByteCount: local.byteCount)
            let absent = mounted.reader.addAbsent(Self.text + [1], .bytes)
            mounted.tree.addFile("absent.bin", in: FixedEntry.files, absent, localByteCount: 0)

            #expect(await mounted.sh("ls").output == "README.md\ncontacts\nconversations\nfiles\n")
            #expect(await mounted.sh("wc -l < README.md").output == "10\n")
            #expect(await mounted.sh("cat conversations/Ada/latest.md").output == "Hello\n")
            #expect(await mounted.sh("sha256sum < files/local.txt").output.hasPrefix(local.hash.hex))
            #expect(await mounted.sh("sha256sum < files/absent.bin").output.hasPrefix(absent.hash.hex))
            #expect(await mounted.sh("tail -c 5 files/absent.bin").output == "9999\n\u{1}".suffix(5))
            let found = await mounted.sh("stat -c '%F %a %h %s %b %y' files/*")
            let time = "2026-11-22 14:03:22.123456789 +0000"
            #expect(
                found.output == """
                    regular file 444 1 \(absent.byteCount) 1 \(time)
                    regular file 444 1 \(local.byteCount) \((local.byteCount + 511) / 512) \(time)

                    """
            )
            #expect(
                await mounted.sh("df --output=size,used -B1M . | tail -1").output.split(separator: " ") == [
                    "500", "100\n",
                ]
            )
        }
    }

    @Test(arguments: [
        (ObjectError.unknown, ENOENT), (.unreachable, EREMOTEIO), (.timedOut, ETIMEDOUT), (.refused(by: "b"), EACCES),
        (.damaged(by: "b"), EBADMSG), (.noSpace, ENOSPC), (.system(.tooManyOpenFiles, "open"), EMFILE),
    ])
    func `Why bytes cannot be had is told by read`(_ error: ObjectError, _ code: Int32) async throws {
        try await Mounted.with { mounted in
            let absent = mounted.reader.addAbsent(Self.text, .fails(error))
            mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let path = mounted.path.appending("files/a")
            #expect(await Shell.read(path) == .failure(Errno(rawValue: code)))
            // The kernel asks twice when reading ahead failed; the holders are asked once.
            #expect(mounted.reader.readCount == 1)
            // Nothing was remembered: now it can be had.
            mounted.reader.setAnswer(.bytes, to: absent.hash)
            #expect(await mounted.sh("sha256sum < files/a").output.hasPrefix(absent.hash.hex))
        }
    }

    @Test(arguments: Mounted.dataPaths) func `Too few bytes are an error, never the end of a file`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let absent = mounted.reader.addAbsent(Self.text, .fewerBytes)
            mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let cut = try mounted.reader.addLocal(Array("whole".utf8))
            mounted.tree.addFile("cut", in: FixedEntry.files, cut, localByteCount: 5)
            truncate(mounted.reader.path(cut.hash).string, 3)
            #expect(await Shell.read(mounted.path.appending("files/a")) == .failure(Errno(rawValue: EBADMSG)))
            #expect(await Shell.read(mounted.path.appending("files/cut")) == .failure(Errno(rawValue: EBADMSG)))
        }
    }

    @Test(arguments: Mounted.dataPaths) func `A file that is evicted while it is open stays readable to its end`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let local = try mounted.reader.addLocal(Self.text)
            mounted.tree.addFile("a", in: FixedEntry.files, local, localByteCount: local.byteCount)
            let file = try await Shell.open(mounted.path.appending("files/a")).get()
            defer { try? file.close() }
            unlink(mounted.reader.path(local.hash).string)
            mounted.reader.setAnswer(.fails(.unreachable), to: local.hash)
            let end = Int64(Self.text.count - 10)
            #expect(await Shell.read(file, at: end, byteCount: 100) == .success(Self.text.suffix(10)))
        }
    }

    @Test(arguments: Mounted.dataPaths)
    func `A listed program gets EAGAIN for bytes that are not here, others get them`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough, noFetch: ["head", "tracker-miner-fs-3"]) { mounted in
            let absent = mounted.reader.addAbsent(Self.text, .bytes)
            let local = try mounted.reader.addLocal(Array("here\n".utf8))
            mounted.tree.addFile("absent", in: FixedEntry.files, absent, localByteCount: 0)
            mounted.tree.addFile("local", in: FixedEntry.files, local, localByteCount: local.byteCount)
            #expect(await mounted.sh("head -n 1 files/local").output == "here\n")
            #expect(await mounted.sh("head -n 1 files/absent").output.contains("Resource temporarily unavailable"))
            #expect(mounted.reader.readCount == 0)
            #expect(await mounted.sh("sed -n 1p files/absent").output == "line 0\n")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `Copying twice with rsync transfers nothing the second time`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let day = mounted.tree.addDirectory("Ada", in: FixedEntry.conversations)
            mounted.tree.addDocument("day.md", in: day, "Hello\n")
            mounted.tree.addLink("latest.md", in: day, to: "day.md")
            let absent = mounted.reader.addAbsent(Self.text, .bytes)
            mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let copy = mounted.directory.appending("copy")
            defer { rmdir(copy.string) }
            let first = await mounted.sh("rsync -a --itemize-changes ./ \(copy)/")
            #expect(first.exitCode == 0 && first.output.contains("files/a"))
            #expect(await mounted.sh("rsync -a --itemize-changes ./ \(copy)/") == .init(exitCode: 0, output: ""))
            #expect(await mounted.sh("diff -r . \(copy)") == .init(exitCode: 0, output: ""))
            _ = await Shell.run("chmod -R u+w \(copy); rm -rf \(copy)")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `Everything that would write is refused as read-only`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            mounted.tree.addDocument("a", in: FixedEntry.files, "a")
            for line in [
                "touch new", "mkdir new", "rm files/a", "mv files/a files/b", "ln files/a files/b", "ln -s a files/b",
                "chmod 600 files/a", "touch files/a", "rmdir files", "mkfifo new", "sh -c 'echo > files/a'",
                "truncate -s 0 files/a", "setfattr -n user.other -v 1 files/a", "sh -c 'echo > new'",
            ] {
                let outcome = await mounted.sh(line)
                #expect(outcome.exitCode != 0 && outcome.output.contains("Read-only file system"), "\(line)")
            }
            #expect(await mounted.sh("test -w files/a").exitCode == 1)
        }
    }
}
