import Foundation
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
        try Self.liftLimits(root)
        companion = try await Companion(root: root, secret: secret)
    }

    /// So that it keeps all that it fetches, and fetches all that is measured.
    private static func liftLimits(_ root: FilePath) throws {
        let configuration = root.appending("iom.toml").string
        let budget = "[mount]\nfetch_files_per_minute = 0\nfetch_bytes_per_minute = \"unlimited\"\n"
        let text = try String(contentsOfFile: configuration, encoding: .utf8)
            .replacingOccurrences(of: "[mount]\n", with: budget)
        try (text + "\n[storage]\nmax_storage = \"unlimited\"\n")
            .write(toFile: configuration, atomically: false, encoding: .utf8)
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
