import Node
import SystemPackage

/// An instance that joined the archive: it knows everything and holds no file until it fetches one.
final class Laptop {
    let companion: Companion
    let root: FilePath
    let mountPoint: FilePath
    private let archive: Archive
    private var isMounted = false

    /// Joins; what the archive knows comes from then on.
    init(of archive: Archive, number: Int, site: Site) async throws {
        self.archive = archive
        root = site.path("laptop-\(number)")
        mountPoint = site.path("laptop-mount-\(number)")
        let secret = site.path("laptop-secret-\(number)")
        let joining = Joining(
            root: root,
            secret: try Secrets.readOrMake(at: secret),
            link: try await archive.invite(),
            name: "laptop-\(number)",
            role: .cache,
            deviceType: "desktop"
        )
        _ = try await joining.run(.system())
        try Self.liftQuota(root)
        companion = try await Companion(root: root, secret: secret)
    }

    /// So that it keeps all that it fetches.
    private static func liftQuota(_ root: FilePath) throws {
        let configuration = root.appending("iom.toml")
        let file = try FileDescriptor.open(configuration, .writeOnly, options: [.append, .closeOnExec])
        try file.closeAfter { _ = try file.writeAll("\n[storage]\nmax_storage = \"unlimited\"\n".utf8) }
    }

    /// Waits until everything is known here.
    func follow() async throws {
        try await companion.wait("to follow the archive") {
            guard try await companion.counts().messages == archive.messageCount else { return false }
            for path in archive.lastPaths {
                do { try await companion.perform(ListEntries(path: path.string)) } catch { return false }
            }
            return true
        }
    }

    /// Brings everything at or below a path here.
    func fetch(_ path: String) async throws {
        try await companion.perform(FetchPaths(names: [path]))
    }

    /// Mounts, once.
    func mount() async throws {
        guard !isMounted else { return }
        try PlainFile.makeDirectory(mountPoint)
        try await companion.perform(Mounting(directory: mountPoint.string, options: MountOptions()))
        isMounted = true
    }
}
