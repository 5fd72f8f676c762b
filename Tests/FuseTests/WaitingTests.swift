import Fuse
import Glibc
import Objects
import SystemPackage
import TestSupport
import Testing

/// The contract of a wait (design 7).
@Suite(.serialized, .enabled(if: Mounted.isPossible), .timeLimit(.minutes(5)))
struct WaitingTests {
    private static let stuckCount = 16

    /// Sixteen files nobody answers for, and one that is here.
    private static func addFiles(to mounted: Mounted, _ answer: ControlledReader.Answer) throws {
        for index in 0..<stuckCount {
            let absent = mounted.reader.addAbsent(Array("absent \(index)\n".utf8), answer)
            mounted.tree.addFile("stuck \(index)", in: FixedEntry.files, absent, localByteCount: 0)
        }
        let local = try mounted.reader.addLocal(Array("here\n".utf8))
        mounted.tree.addFile("local", in: FixedEntry.files, local, localByteCount: local.byteCount)
    }

    @Test(arguments: ["INT", "KILL", "TERM"])
    func `Sixteen stuck readers slow nobody and are freed by a signal`(_ signal: String) async throws {
        try await Mounted.with { mounted in
            try Self.addFiles(to: mounted, .blocks)
            async let readers = mounted.sh(
                """
                trap : INT TERM
                pids=; for i in $(seq 0 15); do python3 -c "
                import signal, os, sys
                for s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_DFL)
                os.execvp('cat', ['cat', 'files/stuck $i'])" & pids="$pids $!"; done
                echo $pids > \(mounted.directory)/pids
                for p in $pids; do wait $p; echo $?; done
                """
            )
            await mounted.reader.waitUntilBlocked(Self.stuckCount)
            _ = await Shell.run("until [ -s \(mounted.directory)/pids ]; do :; done")
            #expect(await mounted.sh("ls -l files | wc -l").output == "18\n")
            #expect(await mounted.sh("cat files/local; stat -c %s 'files/stuck 3'").output == "here\n9\n")
            #expect(await mounted.sh("df . > /dev/null; getfattr -n user.iom.local 'files/stuck 3'").exitCode == 0)
            _ = await Shell.run("kill -\(signal) $(cat \(mounted.directory)/pids)")
            // The shell also says in words how they ended.
            let codes = await readers.output.split(separator: "\n").compactMap { Int($0) }
            #expect(codes.count == Self.stuckCount && codes.allSatisfy { $0 > 128 })
            await mounted.reader.waitUntilCancelled(Self.stuckCount)
        }
    }

    @Test(arguments: Mounted.dataPaths) func `A program that handles the signal sees EINTR`(_ passthrough: Passthrough)
        async throws
    {
        try await Mounted.with(passthrough) { mounted in
            try Self.addFiles(to: mounted, .blocks)
            async let reader = mounted.sh(
                """
                python3 -c "
                import os, signal, sys
                class Stop(Exception): pass
                def stop(*_): raise Stop
                signal.signal(signal.SIGALRM, stop)
                open('\(mounted.directory)/pid', 'w').write(str(os.getpid()))
                try: os.read(os.open('files/stuck 0', os.O_RDONLY), 10)
                except Stop: print('stopped')"
                """
            )
            await mounted.reader.waitUntilBlocked(1)
            _ = await Shell.run("kill -ALRM $(cat \(mounted.directory)/pid); rm \(mounted.directory)/pid")
            #expect(await reader.output == "stopped\n")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `A fetch that does not listen does not keep its caller`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            try Self.addFiles(to: mounted, .blocksDeaf)
            async let reader = mounted.sh("timeout -s KILL 1 cat 'files/stuck 0'")
            await mounted.reader.waitUntilBlocked(1)
            #expect(await reader.exitCode == 128 + 9)
            #expect(await mounted.sh("cat files/local").output == "here\n")
            mounted.reader.release()
        }
    }

    @Test(arguments: Mounted.dataPaths) func `Readers that come and go by the hundred leave nothing behind`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            try Self.addFiles(to: mounted, .blocks)
            let readers = await mounted.sh(
                """
                for i in $(seq 300); do
                    timeout -s $([ $((i % 2)) = 0 ] && echo INT || echo KILL) 0.0$((i % 7 + 1)) cat "files/stuck $((i % 16))" &
                done; wait; cat files/local
                """
            )
            #expect(readers.output.hasSuffix("here\n"))
            // Every read that was taken was also given up.
            await mounted.reader.waitUntilCancelled(mounted.reader.readCount)
            #expect(await mounted.sh("ls files | wc -l").output == "17\n")
        }
    }

    @Test(arguments: Mounted.dataPaths) func `Readers of one object all get their bytes when it comes`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let absent = mounted.reader.addAbsent(Array("came\n".utf8), .blocks)
            mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let object = ".iom/objects/\(absent.hash.hex.prefix(2))/\(absent.hash)"
            async let readers = mounted.sh("for i in $(seq 8); do cat files/a & cat \(object) & done; wait")
            await mounted.reader.waitUntilBlocked(2)
            mounted.reader.setAnswer(.bytes, to: absent.hash)
            mounted.reader.release()
            #expect(await readers.output == String(repeating: "came\n", count: 16))
        }
    }

    @Test(arguments: Mounted.dataPaths) func `What comes while a file is open is read from this disk`(
        _ passthrough: Passthrough
    ) async throws {
        try await Mounted.with(passthrough) { mounted in
            let bytes = [UInt8](repeating: 7, count: 1 << 20)
            let absent = mounted.reader.addAbsent(bytes, .bytes)
            mounted.tree.addFile("a", in: FixedEntry.files, absent, localByteCount: 0)
            let file = try await Shell.open(mounted.path.appending("files/a")).get()
            defer { try? file.close() }
            #expect(await Shell.read(file, at: 0, byteCount: 10) == .success(Array(bytes.prefix(10))))
            try mounted.reader.makeLocal(absent.hash)
            mounted.reader.setAnswer(.fails(.unreachable), to: absent.hash)
            #expect(await Shell.read(file, at: 1 << 19, byteCount: 1 << 19) == .success(Array(bytes.suffix(1 << 19))))
        }
    }
}
