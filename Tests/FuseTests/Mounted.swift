import Fuse
import Glibc
import Logging
import Objects
import SystemPackage
import TestSupport
import Views

/// A mount of a test, with everything under it in the test's hand.
struct Mounted: Sendable {
    let tree: MemoryTree
    let reader: ControlledReader
    let status: MemoryStatus
    let directory: FilePath
    let path: FilePath
    let view: View

    static let isPossible = access("/dev/fuse", R_OK | W_OK) == 0 && geteuid() == 0

    /// Fills a tree, mounts it, runs the body, unmounts, and leaves nothing behind, whatever happens.
    static func with(
        show: Set<ViewOptions.Shown> = [],
        noFetch: [String] = [],
        options: FuseOptions = FuseOptions(),
        _ body: @escaping @Sendable (Mounted) async throws -> Void
    ) async throws {
        let mounted = try make(show: show, noFetch: noFetch)
        defer { mounted.remove() }
        try await mounted.run(options: options) { try await body(mounted) }
    }

    static func make(show: Set<ViewOptions.Shown> = [], noFetch: [String] = []) throws -> Mounted {
        var template = Array("/tmp/iom-fuse-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        let directory = FilePath(platformString: template)
        mkdir(directory.appending("mount").string, 0o755)
        mkdir(directory.appending("objects").string, 0o755)
        let (tree, status) = (MemoryTree(), MemoryStatus())
        let reader = ControlledReader(directory: directory.appending("objects"))
        let options = ViewOptions(show: show, noFetch: noFetch, userID: geteuid(), groupID: getegid())
        return Mounted(
            tree: tree,
            reader: reader,
            status: status,
            directory: directory,
            path: directory.appending("mount"),
            view: View(of: tree, objects: reader, status: status, options: options)
        )
    }

    /// One mount, as long as the body runs.
    func run(options: FuseOptions = FuseOptions(), _ body: @escaping @Sendable () async throws -> Void) async throws {
        let mount = FuseMount(of: view, at: path, options: options, logger: Self.logger)
        let (ready, isReady) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isReady.finish() }
                try await mount.run { isReady.yield() }
            }
            group.addTask {
                for await _ in ready { return try await body() }
            }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func remove() {
        umount2(path.string, Int32(MNT_DETACH))
        for name in ["mount", "objects"] {
            let child = directory.appending(name)
            if let listing = opendir(child.string), name == "objects" {
                while let line = readdir(listing) {
                    let name = withUnsafeBytes(of: &line.pointee.d_name) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    unlink(child.appending(name).string)
                }
                closedir(listing)
            }
            rmdir(child.string)
        }
        unlink(directory.appending("pids").string)
        rmdir(directory.string)
    }

    /// A line of `sh` with the mount as its working directory.
    func sh(_ line: String) async -> Shell.Outcome { await Shell.run("cd \(path) && \(line)") }

    static let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .warning
        return logger
    }()
}
