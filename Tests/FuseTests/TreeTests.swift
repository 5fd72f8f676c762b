import Glibc
import Objects
import SystemPackage
import TestSupport
import Testing
import Views

/// Names, listings, numbers, `.iom` and extended attributes, as programs see them.
@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(5)))
struct TreeTests {
    @Test func `Only directories, files and links, mounted so that none can do harm`() async throws {
        try await Mounted.with { mounted in
            mounted.tree.addDocument("a", in: FixedEntry.files, "a")
            #expect(await mounted.sh("find . ! -type f ! -type d ! -type l").output == "")
            #expect(await mounted.sh("find . -perm /222 -o -type f -perm /111").output == "")
            let options = await Shell.run("findmnt -no FSTYPE,SOURCE,OPTIONS \(mounted.path)").output
            #expect(options.hasPrefix("fuse.iom"))
            for option in ["nosuid", "nodev", "noexec"] { #expect(options.contains(option)) }
            #expect(!options.contains("allow_other"))
        }
    }

    @Test func `One bad name hides nothing else`() async throws {
        try await Mounted.with { mounted in
            let bad = ["", ".", "..", "a/b", "/", "a\0b", String(repeating: "x", count: 256)]
            let odd = ["-rf", "new\nline", "\u{202E}txt", "\u{1B}[2J", " ", String(repeating: "é", count: 127) + "y"]
            for name in bad + odd { mounted.tree.addDocument(name, in: FixedEntry.files, "x") }
            let listed = await mounted.sh("find files -type f -print0 | tr -cd '\\0' | wc -c")
            #expect(listed.output == "\(odd.count)\n")
            #expect(Set(mounted.status.skipped).isSuperset(of: bad))
            #expect(await mounted.sh("rsync -a files/ \(mounted.directory)/copy/").exitCode == 0)
            _ = await Shell.run("cd \(mounted.directory); chmod -R u+w copy; rm -rf copy")
            #expect(await mounted.sh("cat ./files/-rf").output == "x")
        }
    }

    @Test func `Two names that only look the same are two`() async throws {
        try await Mounted.with { mounted in
            mounted.tree.addDocument("\u{E9}", in: FixedEntry.files, "composed")
            mounted.tree.addDocument("e\u{301}", in: FixedEntry.files, "decomposed")
            #expect(await mounted.sh("cat $(printf 'files/e\\314\\201')").output == "decomposed")
            #expect(await mounted.sh("cat $(printf 'files/\\303\\251')").output == "composed")
            #expect(await mounted.sh("cat $(printf 'files/\\303')").output.contains("No such file"))
        }
    }

    @Test func `A hundred thousand names are listed, each once, also after seeking`() async throws {
        try await Mounted.with { mounted in
            for index in 0..<100_000 { mounted.tree.addDocument("\(index)", in: FixedEntry.files, "") }
            #expect(await mounted.sh("find files -type f | sort -u | wc -l").output == "100000\n")
            #expect(await mounted.sh("find files -type f | wc -l").output == "100000\n")
            let path = mounted.path.appending("files").string
            let isSame = await Shell.onThread { () -> Bool in
                guard let directory = opendir(path) else { return false }
                defer { closedir(directory) }
                func name() -> UInt? { readdir(directory)?.pointee.d_ino }
                for _ in 0..<40_000 { _ = name() }
                let place = telldir(directory)
                let following = (0..<1_000).map { _ in name() }
                rewinddir(directory)
                guard name() != nil else { return false }
                seekdir(directory, place)
                return following == (0..<1_000).map { _ in name() } && Set(following).count == 1_000
            }
            #expect(isSame)
        }
    }

    @Test func `Names that come and go while a directory is read do not disturb the others`() async throws {
        try await Mounted.with { mounted in
            let numbers = (0..<5_000).map { mounted.tree.addDocument("\($0)", in: FixedEntry.files, "") }
            let path = mounted.path.appending("files").string
            let tree = mounted.tree
            let seen = await Shell.onThread { () -> [UInt] in
                guard let directory = opendir(path) else { return [] }
                defer { closedir(directory) }
                var seen: [UInt] = []
                while let line = readdir(directory) {
                    seen.append(line.pointee.d_ino)
                    if seen.count == 1_000 { for number in numbers[900..<2_000] { tree.remove(number) } }
                }
                return seen
            }
            #expect(Set(seen).count == seen.count)
            #expect(Set(seen).isSuperset(of: numbers[2_000...].map { UInt($0) }))
        }
    }

    @Test func `Inode numbers, sizes and times are the same after a remount`() async throws {
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        let local = try mounted.reader.addLocal(Array("here".utf8))
        mounted.tree.addFile("a", in: FixedEntry.files, local, localByteCount: 4)
        let line =
            "find . .iom/status .iom/types .iom/objects/\(local.hash.hex.prefix(2)) -printf '%p %i %s %T@\\n' | sort"
        let (listings, listed) = AsyncStream<String>.makeStream()
        for _ in 0..<2 { try await mounted.run { listed.yield(await mounted.sh(line).output) } }
        listed.finish()
        var all: [String] = []
        for await listing in listings { all.append(listing) }
        #expect(all.count == 2 && all[0] == all[1] && all[0].contains(local.hash.hex))
    }

    @Test func `Machine directories resolve by name and are not listed`() async throws {
        try await Mounted.with { mounted in
            let bytes = Array(#"<div itemscope itemtype="//refin.io/Note"><span itemprop="text">x</span></div>"#.utf8)
            let object = try mounted.reader.addLocal(bytes)
            mounted.tree.addKnown(object, held: true)
            mounted.status.setText("[1]\n", of: .instances)
            let (hex, shard) = (object.hash.hex, object.hash.hex.prefix(2))
            #expect(await mounted.sh("ls -A").output == "README.md\ncontacts\nconversations\nfiles\n")
            #expect(await mounted.sh("ls -A .iom").output == "objects\npreviews\nstatus\ntypes\n")
            #expect(await mounted.sh("ls .iom/objects | wc -l; ls .iom/objects/\(shard)").output == "256\n\(hex)\n")
            #expect(await mounted.sh("sha256sum < .iom/objects/\(shard)/\(hex)").output.hasPrefix(hex))
            #expect(await mounted.sh("ls .iom/types; ls .iom/types/Note").output == "Note\n\(hex)\n")
            #expect(await mounted.sh("readlink .iom/types/Note/\(hex)").output == "../../objects/\(shard)/\(hex)\n")
            #expect(await mounted.sh("sha256sum < .iom/types/Note/\(hex)").output.hasPrefix(hex))
            #expect(await mounted.sh("ls .iom/previews; cat .iom/status/instances.json").output == "[1]\n")
            let unknown = String(repeating: "ab", count: 32)
            for path in [
                "objects/ab/\(unknown)", "objects/00/\(hex)", "objects/AB", "objects/abc", "types/Nothing", "x",
            ] {
                #expect(await mounted.sh("stat .iom/\(path)").output.contains("No such file"), "\(path)")
            }
            mounted.status.setText("[1, 2, 3]\n", of: .instances)
            #expect(await mounted.sh("cat .iom/status/instances.json").output == "[1, 2, 3]\n")
        }
    }

    @Test func `What is asked to be shown is listed at the top as well`() async throws {
        try await Mounted.with(show: [.objects, .types]) { mounted in
            let bytes = Array(#"<div itemscope itemtype="//refin.io/Note"><span itemprop="text">x</span></div>"#.utf8)
            let object = try mounted.reader.addLocal(bytes)
            mounted.tree.addKnown(object, held: true)
            let hex = object.hash.hex
            #expect(await mounted.sh("ls").output == "README.md\ncontacts\nconversations\nfiles\nobjects\ntypes\n")
            #expect(await mounted.sh("sha256sum < types/Note/\(hex)").output.hasPrefix(hex))
            #expect(await mounted.sh("find objects -type f").output == "objects/\(hex.prefix(2))/\(hex)\n")
            #expect(await mounted.sh("find .iom/objects -type f | wc -l").output == "1\n")
        }
    }

    @Test func `Extended attributes tell what is known of a file, and pin it`() async throws {
        try await Mounted.with { mounted in
            let absent = mounted.reader.addAbsent(Array("far".utf8), .bytes)
            let number = mounted.tree.addFile("a b", in: FixedEntry.files, absent, localByteCount: 0)
            mounted.tree.addKnown(absent, held: false, holders: ["attic", "phone"])
            mounted.tree.setOriginalName("a\u{202E}b", of: number)
            mounted.status.setErrorText("attic is away", of: absent.hash)
            let dump = await mounted.sh("getfattr -d 'files/a b'").output
            for line in [
                "user.iom.hash=\"\(absent.hash)\"", "user.iom.local=\"no\"", "user.iom.holders=\"attic,phone\"",
                "user.iom.pinned=\"no\"", "user.iom.type=\"clob\"", "user.iom.error=\"attic is away\"",
                "user.iom.name=",
            ] { #expect(dump.contains(line), "\(line) in \(dump)") }
            #expect(await mounted.sh("setfattr -n user.iom.pinned -v yes 'files/a b'").exitCode == 0)
            let file = try mounted.view.lookup("a b", in: FixedEntry.files)
            #expect(mounted.status.pins == [.entry(file)])
            #expect(await mounted.sh("getfattr --only-values -n user.iom.pinned 'files/a b'").output == "yes")
            #expect(await mounted.sh("setfattr -x user.iom.pinned 'files/a b'").exitCode == 0)
            #expect(await mounted.sh("setfattr -n user.iom.pinned -v yes files").exitCode == 0)
            let folder = try mounted.view.entry(FixedEntry.files)
            #expect(mounted.status.pins == [.entry(folder)])
            #expect(await mounted.sh("setfattr -n user.iom.pinned -v maybe files").output.contains("Invalid argument"))
            #expect(mounted.reader.readCount == 0)
        }
    }
}
