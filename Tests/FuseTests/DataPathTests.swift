import Glibc
import Objects
import SystemPackage
import TestSupport
import Testing
import Views

@testable import Fuse

/// Which way the bytes of local files take, and files that are open while it would change.
@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(5)))
struct DataPathTests {
    private static let isRoot = geteuid() == 0

    /// What a mount says of its data path.
    private static func dataPath(_ options: FuseOptions) async throws -> DataPath? {
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        let told = AsyncStream<DataPath>.makeStream()
        let mount = FuseMount(of: mounted.view, at: mounted.path, options: options, logger: Mounted.logger)
        try await mount.run { dataPath in
            told.continuation.yield(dataPath)
            _ = await Shell.run("fusermount3 -u \(mounted.path)")
        }
        told.continuation.finish()
        return await told.stream.first { _ in true }
    }

    @Test func `What cannot be is told, and refused where it was insisted on`() async throws {
        let automatic = try await Self.dataPath(FuseOptions())
        #expect(automatic == (Self.isRoot ? .passthrough : .splice(.notPermitted)))
        #expect(try await Self.dataPath(FuseOptions(passthrough: .off)) == .splice(.askedFor))
        guard !Self.isRoot else { return }
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        await #expect(throws: FuseError.noPassthrough(mounted.path, .splice(.notPermitted))) {
            try await mounted.run(options: FuseOptions(passthrough: .on)) {}
        }
        #expect(await Shell.run("mountpoint -q \(mounted.path)").exitCode != 0)
    }

    @Test(.enabled(if: isRoot)) func `A store on a file system that cannot pass files through is read by splice`()
        async throws
    {
        // A mount on a mount: the second kernel layer is one too many.
        try await Mounted.with { mounted in
            mounted.tree.addDocument("a", in: FixedEntry.files, "a")
            let sample = mounted.path.appending("files/a")
            let path = try await Self.dataPath(FuseOptions(sample: sample))
            #expect(path == .splice(.stacked))
        }
    }

    @Test(arguments: Mounted.dataPaths)
    func `What was opened absent is read to its end, and so is what is opened meanwhile`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough) { mounted in
            let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            let absent = mounted.reader.addAbsent(bytes, .bytes)
            mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let path = mounted.path.appending("files/a")
            let first = try await Shell.open(path).get()
            #expect(await Shell.read(first, at: 0, byteCount: 10) == .success(Array(bytes.prefix(10))))
            try mounted.reader.makeLocal(absent.hash)
            let second = try await Shell.open(path).get()
            for file in [first, second] {
                #expect(
                    await Shell.read(file, at: 200_000, byteCount: 100_000) == .success(Array(bytes.suffix(100_000)))
                )
            }
            try first.close()
            try second.close()
            // Now nobody remembers that it was absent.
            #expect(await mounted.sh("sha256sum < files/a").output.hasPrefix(absent.hash.hex))
        }
    }

    @Test(arguments: Mounted.dataPaths)
    func `A file that is evicted while many have it open is read to its end by all, and then is absent`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let local = try mounted.reader.addLocal(ReadingTests.text)
            mounted.tree.addFile("a", in: FixedEntry.files, local, localByteCount: local.byteCount)
            mounted.reader.setAnswer(.fails(.unreachable), to: local.hash)
            let path = mounted.path.appending("files/a")
            let first = try await Shell.open(path).get()
            #expect(unlink(mounted.reader.path(local.hash).string) == 0)
            let offset = Int64(ReadingTests.text.count - 10)
            #expect(await Shell.read(first, at: offset, byteCount: 100) == .success(ReadingTests.text.suffix(10)))
            // Who comes while somebody reads it by passthrough reads with them.
            if passthrough == .on { #expect(await mounted.sh("wc -c < files/a").output == "\(local.byteCount)\n") }
            try first.close()
            guard passthrough == .on else { return }
            // The kernel tells of a release a moment after the close.
            var outcome = await Shell.read(path)
            for _ in 0..<100 where outcome != .failure(Errno(rawValue: EREMOTEIO)) { outcome = await Shell.read(path) }
            #expect(outcome == .failure(Errno(rawValue: EREMOTEIO)))
        }
    }

    @Test(arguments: Mounted.dataPaths)
    func `Many who open, map and close the same files at once all read what is in them`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough) { mounted in
            var sums: [String] = []
            for index in 0..<4 {
                let local = try mounted.reader.addLocal(Array(repeating: UInt8(index), count: 70_000))
                mounted.tree.addFile("\(index)", in: FixedEntry.files, local, localByteCount: local.byteCount)
                sums.append(local.hash.hex)
            }
            let script = """
                import hashlib, mmap, sys
                for round in range(100):
                    for name in '0123':
                        with open('files/' + name, 'rb') as file:
                            bytes = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) if round % 2 else file.read()
                            sys.exit('wrong') if hashlib.sha256(bytes).hexdigest() not in sys.argv[1:] else None
                """
            let line = "python3 -c \"\(script)\" \(sums.joined(separator: " "))"
            let outcome = await mounted.sh("for i in 1 2 3 4; do \(line) & done; wait; echo done")
            #expect(outcome.output == "done\n")
        }
    }

    @Test(arguments: Mounted.dataPaths, [1_000, 300_000])
    func `A new version of a file is read when the old one is closed, and never half of each`(
        _ passthrough: Passthrough,
        _ byteCount: Int
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let versions = (1...3).map { [UInt8](repeating: $0, count: byteCount + Int($0)) }
            let objects = try versions.map { try mounted.reader.addLocal($0) }
            let number = mounted.tree.addFile("a", in: FixedEntry.files, objects[0], localByteCount: byteCount + 1)
            let path = mounted.path.appending("files/a")
            for _ in 0..<2 { #expect(await Shell.read(path) == .success(versions[0])) }
            mounted.tree.setFile(number, objects[1])
            await ChangeTests.expect(
                "stat -c %s files/a; tail -c 1 files/a | od -An -tu1",
                in: mounted,
                gives: "\(byteCount + 2)\n   2\n"
            )
            let open = try await Shell.open(path).get()
            mounted.tree.setFile(number, objects[2])
            await ChangeTests.expect("stat -c %s files/a", in: mounted, gives: "\(byteCount + 3)\n")
            let bytes = try await Shell.read(open, at: 0, byteCount: byteCount).get()
            #expect(Set(bytes).count == 1)
            try open.close()
            await ChangeTests.expect(
                "od -An -v -tu1 -w1 files/a | uniq -c | tr -s ' '",
                in: mounted,
                gives: " \(byteCount + 3) 3\n"
            )
        }
    }

    @Test func `Opened without asking, files are what they are, and become what they become`() async throws {
        #expect(try await Self.dataPath(FuseOptions(isOpenUnasked: true)) == .splice(.openUnasked))
        try await Mounted.with(options: FuseOptions(isOpenUnasked: true)) { mounted in
            let objects = try [1_000, 300_000].map { try mounted.reader.addLocal([UInt8](repeating: 7, count: $0)) }
            let number = mounted.tree.addFile("a", in: FixedEntry.files, objects[0], localByteCount: 1_000)
            let absent = mounted.reader.addAbsent(ReadingTests.text, .bytes)
            mounted.tree.addFile("b", in: FixedEntry.files, absent, localByteCount: 0)
            let day = mounted.tree.addDocument("day.md", in: FixedEntry.conversations, "one\n")
            mounted.status.setText("[1]\n", of: .instances)
            for _ in 0..<2 {
                #expect(await mounted.sh("cat conversations/day.md .iom/status/instances.json").output == "one\n[1]\n")
                #expect(await mounted.sh("sha256sum < files/b").output.hasPrefix(absent.hash.hex))
                #expect(await mounted.sh("sha256sum < files/a").output.hasPrefix(objects[0].hash.hex))
            }
            mounted.tree.setFile(number, objects[1])
            mounted.tree.setDocument(day, "one\ntwo\n", modified: .sample)
            mounted.status.setText("[1, 2]\n", of: .instances)
            await ChangeTests.expect("wc -c < files/a", in: mounted, gives: "300000\n")
            #expect(await mounted.sh("sha256sum < files/a").output.hasPrefix(objects[1].hash.hex))
            await ChangeTests.expect("cat conversations/day.md", in: mounted, gives: "one\ntwo\n")
            #expect(await mounted.sh("cat .iom/status/instances.json").output == "[1, 2]\n")
            #expect(await mounted.sh("sh -c 'echo > files/a'").output.contains("Read-only file system"))
            #expect(await mounted.sh("echo >> files/a").exitCode != 0)
            #expect(await mounted.sh("sha256sum < files/a").output.hasPrefix(objects[1].hash.hex))
        }
    }

    @Test func `A file stays in the mode of whoever opened it first, until the last has closed it`() {
        var modes = ReadingModes()
        #expect(modes.share(7) == nil)
        modes.begin(7, .passthrough(3))
        #expect(modes.share(7) == .passthrough(3))
        #expect(modes.release(7) == nil)
        #expect(modes.release(7) == 3)
        #expect(modes.share(7) == nil && modes.release(7) == nil)
        modes.begin(7, .cached)
        #expect(modes.share(7) == .cached)
        #expect(modes.release(7) == nil && modes.release(7) == nil)
        #expect(modes.count == 0)
    }
}
