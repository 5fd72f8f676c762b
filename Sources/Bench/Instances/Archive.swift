import Node
import Objects
import SystemPackage

/// An instance with conversations and files, and a copy of its mount on ext4.
final class Archive {
    /// A file of the tree, whose bytes are an object.
    struct File: Sendable {
        /// Relative to the top of the tree.
        var path: FilePath
        var hash: ObjectHash
    }

    let companion: Companion
    let mountPoint: FilePath
    /// The same files as under `mountPoint`, on ext4.
    let copy: FilePath
    private let root: FilePath
    /// The files of 1 to 8 KiB.
    let small: [File]
    let large: File
    let messageCount: Int

    init(site: Site) async throws {
        (root, mountPoint, copy) = (site.path("archive"), site.path("mount"), site.path("plain/tree"))
        try PlainFile.makeDirectory(mountPoint)
        let founder = Founder(root: root, secret: site.path("archive-secret"))
        try founder.found(name: "archive")
        let demo = MakeDemo(
            root: root,
            secret: try Secrets.read(at: founder.secret),
            size: .init(conversations: 9, messages: site.scale.messageCount, attachments: 40, years: 3),
            seed: 1
        )
        messageCount = try await demo.run(.system()) { _ in }
        do {
            let shelf = FileShelf(node: try founder.open(), scale: site.scale, scratch: site.path("scratch"))
            (small, large) = try await shelf.fill(rounds: site.rounds)
        }
        companion = try await Companion(root: root, secret: founder.secret)
    }

    /// Names of folders and files that are fetched in one round, relative to the top of the tree.
    static func fetched(_ kind: String, round: Int) -> String { "files/fetch/\(kind)-\(round)" }

    func mount() async throws {
        try await companion.perform(Mounting(directory: mountPoint.string, options: MountOptions()))
    }

    /// Mounts anew, so that the kernel knows nothing of the tree.
    func remount() async throws {
        try Unmounting.run(at: mountPoint)
        try await companion.wait("to unmount") { try await mounts().isEmpty }
        try await mount()
    }

    private func mounts() async throws -> [String] {
        let mounts = Latest<[String]>()
        try await companion.perform(ReportStatus()) { await mounts.set($0.mounts.map(\.directory)) }
        return await mounts.value ?? []
    }

    /// Copies what the mount shows to ext4.
    func copyTree() throws {
        try PlainTree.copy(mountPoint, to: copy)
        try PlainFile.synchronize(copy)
    }

    /// Brings a file into a state of the kernel's caches, on one side.
    func bring(_ file: File, into state: CacheState, on side: Contender) throws {
        let shown = path(of: file, on: side)
        let digits = file.hash.hex
        let stored = root.appending("objects").appending(String(digits.prefix(2))).appending(digits)
        switch state {
        case .warm: try PlainFile.read(shown)
        case .first where side == .ext4: try PlainFile.read(shown)
        case .first:
            try PlainFile.dropCache(of: shown)
            try PlainFile.read(stored)
        case .cold:
            try PlainFile.dropCache(of: shown)
            if side != .ext4 { try PlainFile.dropCache(of: stored) }
        }
    }

    func path(of file: File, on side: Contender) -> FilePath {
        (side == .iom ? mountPoint : copy).pushing(file.path)
    }

    func top(on side: Contender) -> FilePath { side == .iom ? mountPoint : copy }

    /// An invitation for one more device.
    func invite() async throws -> String {
        let link = Latest<String>()
        try await companion.perform(MakeInvitation(minutes: 10, waits: false)) { item in
            if case .link(let text) = item { await link.set(text) }
        }
        guard let text = await link.value else { throw CommandError("there was no invitation") }
        return text
    }
}
