import Foundation
import Node
import SystemPackage

/// An instance of a trial of roles, served and mounted by a process of its own; what its root takes is looked at again and
/// again.
final class RolesDevice {
    let name: String
    let root: FilePath
    let mountPoint: FilePath
    let companion: Companion
    /// Bytes its root may take on the disk; nil: any number.
    let quota: Int?

    init(name: String, root: FilePath, secret: FilePath, quota: Int?, site: Site) async throws {
        (self.name, self.root, self.quota) = (name, root, quota)
        mountPoint = site.path("\(name)-mount")
        try PlainFile.makeDirectory(mountPoint)
        companion = try await Companion(root: root, secret: secret)
        try await companion.perform(Mounting(directory: mountPoint.string, options: MountOptions()))
    }

    /// Joins the archive with a role and a quota.
    convenience init(joining archive: RolesDevice, as role: Role, quota: String, site: Site) async throws {
        let link = Latest<String>()
        try await archive.companion.perform(MakeInvitation(minutes: 10, waits: false)) { item in
            if case .link(let text) = item { await link.set(text) }
        }
        guard let text = await link.value else { throw CommandError("there was no invitation") }
        let (root, secret) = (site.path(role.rawValue), site.path("\(role.rawValue)-secret"))
        let joining = Joining(
            root: root,
            secret: try Secrets.readOrMake(at: secret),
            link: text,
            // The archive may be one that others have joined before.
            name: "\(role.rawValue)-\(Int(Date.now.timeIntervalSince1970))",
            role: role,
            deviceType: "desktop"
        )
        _ = try await joining.run(.system())
        let file = try FileDescriptor.open(root.appending("iom.toml"), .writeOnly, options: [.append, .closeOnExec])
        try file.closeAfter { _ = try file.writeAll("\n[storage]\nmax_storage = \"\(quota)\"\n".utf8) }
        let byteCount = ByteCount(words: quota)?.value
        try await self.init(name: role.rawValue, root: root, secret: secret, quota: byteCount, site: site)
    }

    /// Bytes its root takes on the disk now (du(1)).
    var usedByteCount: Int { get throws { try Self.usedByteCount(of: root) } }

    /// The same of any folder; what comes and goes meanwhile is no failure.
    static func usedByteCount(of folder: FilePath) throws -> Int {
        let output = try Program("sh", "-c", "du -s -B1 '\(folder)' 2>/dev/null; true").output()
        return output.split(separator: "\t").first.flatMap { Int($0) } ?? 0
    }

    /// Name, size, time and inode number of everything in its tree.
    func listing(_ folder: String = "") throws -> [Substring] {
        let top = folder.isEmpty ? mountPoint : mountPoint.pushing(FilePath(folder))
        return try Program("find", top.string, "-printf", "%P %s %T@ %i\\n").output().split(separator: "\n").sorted()
    }
}
