import Node
import SystemPackage
import Testing

/// What the kernel asks, counted against a sequence of system calls.
@Suite(.serialized, .enabled(if: Household.canMount && Household.hasPython), .timeLimit(.minutes(5)))
struct KernelRequestTests {
    /// Each function of `os` is one system call.
    private static let calls = """
        import os, sys
        mount = sys.argv[1]
        folder, file = mount + "/conversations/Book club", mount + "/README.md"
        def fails(call, *arguments):
            try: call(*arguments)
            except OSError: return
            raise SystemExit(f"{call} of {arguments} did not fail")
        for number in range(7): fails(os.stat, f"{mount}/conversations/nobody {number}")
        for _ in range(5): os.statvfs(mount)
        for _ in range(4):
            os.getxattr(file, "user.iom.local")
            fails(os.getxattr, file, "user.iom.nothing")
            os.listxattr(file)
        for _ in range(3):
            os.close(os.open(file, os.O_RDONLY))
            os.listdir(folder)
        for number in range(2): fails(os.mkdir, f"{mount}/conversations/new {number}")
        os.readlink(folder + "/latest.md")
        """

    @Test func `Every request of the kernel is counted once, by its kind and by its answer`() async throws {
        try await Household.with { home in
            let archive = try await home.found()
            try archive.writeConversations(["Book club"])
            try await archive.serve()
            let mount = try await archive.mount()
            // What the kernel remembers of a path it does not ask again.
            try await home.sh("ls '\(mount)' '\(mount)/conversations/Book club'").mustSucceed()
            let before = try await released(archive)
            let script = Program(executable: "python3", arguments: ["-c", Self.calls, mount.string])
            try await script.run().mustSucceed()
            let after = try await released(archive)
            for (kind, count) in [
                ("statfs", 5), ("getxattr", 8), ("listxattr", 4), ("open", 3), ("release", 3), ("opendir", 3),
                ("releasedir", 3), ("readlink", 1), ("read", 0), ("setxattr", 0), ("removexattr", 0),
            ] { #expect(after.requests(kind) - before.requests(kind) == count, "\(kind)") }
            // Before a folder is made its name is looked up.
            for (kind, errno, count) in [
                ("lookup", "ENOENT", 7 + 2), ("getxattr", "ENODATA", 4), ("write", "EROFS", 2),
            ] {
                #expect(after.errors(kind, errno) - before.errors(kind, errno) == count, "\(kind) \(errno)")
            }
        }
    }

    /// How it is when all that was opened is released, which is a moment after it is closed.
    private func released(_ instance: Instance) async throws -> Snapshot {
        try await eventually("all is released") {
            let status = try await instance.status()
            return status.requests("open") == status.requests("release")
                && status.requests("opendir") == status.requests("releasedir")
        }
        return try await instance.status()
    }
}
