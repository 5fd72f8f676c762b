import Fuse
import Glibc
import Objects
import SystemPackage
import TestSupport
import Testing

/// Mounting and unmounting.
@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(5)))
struct LifeTests {
    private static let logger = Mounted.logger

    @Test func `Unmounted from outside, it ends`() async throws {
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        let mount = FuseMount(of: mounted.view, at: mounted.path, logger: Self.logger)
        try await mount.run { _ in
            #expect(await Shell.run("fusermount3 -u \(mounted.path)").exitCode == 0)
        }
        #expect(await Shell.run("mountpoint -q \(mounted.path)").exitCode != 0)
    }

    @Test func `Cancelled while files are open and readers wait, it unmounts and frees them`() async throws {
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        let absent = mounted.reader.addAbsent(Array("far".utf8), .blocks)
        mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
        let reader = AsyncStream<Result<[UInt8], Errno>>.makeStream()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await mounted.run {
                    let file = try await Shell.open(mounted.path.appending("README.md")).get()
                    async let blocked = Shell.read(mounted.path.appending("files/a"))
                    await mounted.reader.waitUntilBlocked(1)
                    withUnsafeCurrentTask { $0?.cancel() }
                    reader.continuation.yield(await blocked)
                    try file.close()
                }
            }
            await mounted.reader.waitUntilBlocked(1)
            group.cancelAll()
        }
        var results = reader.stream.makeAsyncIterator()
        // The answer of the mount, or the kernel's when it asks once more and nobody is left.
        let result = await results.next()
        #expect(result == .failure(.socketNotConnected) || result == .failure(.connectionAbort))
        #expect(await Shell.run("mountpoint -q \(mounted.path)").exitCode != 0)
        // And again, at the same place.
        try await mounted.run { #expect(await mounted.sh("ls").exitCode == 0) }
    }

    @Test func `A mount whose process died is taken away first`() async throws {
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        // A connection to the kernel whose end nobody has any more, as after SIGKILL.
        let script = """
            import os, socket, subprocess
            here, there = socket.socketpair()
            subprocess.run(['fusermount3', '-o', 'fsname=iom,subtype=iom', '--', '\(mounted.path)'], check=True,
                env={**os.environ, '_FUSE_COMMFD': str(there.fileno())}, pass_fds=[there.fileno()])
            """
        #expect(await Shell.run("python3 -c \"\(script)\"").output == "")
        #expect(await Shell.run("ls \(mounted.path)").output.contains("not connected"))
        try await mounted.run { #expect(await mounted.sh("ls").output.hasPrefix("README.md")) }
    }

    @Test(.enabled(if: geteuid() == 0)) func `A severed connection ends it`() async throws {
        let mounted = try Mounted.make()
        defer { mounted.remove() }
        let mount = FuseMount(of: mounted.view, at: mounted.path, logger: Self.logger)
        try await mount.run { _ in
            _ = await Shell.run("umount -f \(mounted.path)")
        }
        #expect(await Shell.run("ls \(mounted.path)").exitCode == 0)
    }

    @Test func `A place that is no place for a mount is refused in words`() async throws {
        try await Mounted.with { mounted in
            let file = mounted.directory.appending("pids")
            _ = await Shell.run("touch \(file)")
            for path in [file, mounted.directory.appending("nowhere")] {
                await #expect(throws: FuseError.notADirectory(path)) {
                    try await FuseMount(of: mounted.view, at: path, logger: Self.logger).run()
                }
            }
            await #expect(throws: FuseError.alreadyMounted(mounted.path)) {
                try await FuseMount(of: mounted.view, at: mounted.path, logger: Self.logger).run()
            }
            let directory = mounted.directory
            let objects = directory.appending("objects")
            for (path, root) in [(objects, directory), (directory, objects), (objects, objects)] {
                #expect(throws: FuseError.overlapsRoot(path, root: root)) { try MountPoint.check(path, against: root) }
            }
            let detour = FilePath("\(directory)/mount/../objects")
            #expect(throws: FuseError.overlapsRoot(detour, root: directory)) {
                try MountPoint.check(detour, against: directory)
            }
            try MountPoint.check(FilePath("\(directory)/objects-2"), against: objects)
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func `Others look in only if they may`() async throws {
        let line = "setpriv --reuid 65534 --regid 65534 --clear-groups"
        try await Mounted.with { mounted in
            _ = await Shell.run("chmod 755 \(mounted.directory)")
            #expect(await Shell.run("\(line) ls \(mounted.path)").output.contains("Permission denied"))
        }
        try await Mounted.with(options: FuseOptions(allowOther: true)) { mounted in
            _ = await Shell.run("chmod 755 \(mounted.directory)")
            #expect(await Shell.run("\(line) ls \(mounted.path)").output.hasPrefix("README.md"))
            #expect(await Shell.run("findmnt -no OPTIONS \(mounted.path)").output.contains("default_permissions"))
        }
    }
}
