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

    static let isPossible = access("/dev/fuse", R_OK | W_OK) == 0

    /// The ways in which local files can be read here: passthrough is for root.
    static let dataPaths: [Passthrough] = geteuid() == 0 ? [.on, .off] : [.off]

    /// Fills a tree, mounts it, runs the body, unmounts, and leaves nothing behind, whatever happens.
    static func with(
        _ passthrough: Passthrough = .auto,
        show: Set<ViewOptions.Shown> = [],
        noFetch: [String] = [],
        options: FuseOptions = FuseOptions(),
        _ body: @escaping @Sendable (Mounted) async throws -> Void
    ) async throws {
        let mounted = try make(show: show, noFetch: noFetch)
        defer { mounted.remove() }
        var options = options
        options.passthrough = passthrough
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
        let options = ViewOptions(show: show, gate: ListedGate(noFetch), userID: geteuid(), groupID: getegid())
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
                try await mount.run { _ in isReady.yield() }
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
        if case .some = try? MountPoint.prepare(path) {} else { try? MountPoint.detach(path) }
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
