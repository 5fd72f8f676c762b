import Node
import Objects
import SystemPackage

/// An instance with conversations and files that is mounted in every mode, and its files on ext4.
final class Archive {
    let companion: Companion
    /// The files that are compared, as plain ones.
    let copy: FilePath
    let tree: SampleTree
    let messageCount: Int
    private let site: Site
    private let root: FilePath
    private(set) var modes: [MountMode] = []
    /// How the modes read, or why one is not there.
    private(set) var notes: [String] = []

    init(site: Site) async throws {
        (self.site, root, copy) = (site, site.path("archive"), site.path("plain/tree"))
        try PlainFile.makeDirectory(copy)
        let founder = Founder(root: root, secret: site.path("archive-secret"))
        try founder.found(name: "archive")
        let demo = MakeDemo(
            root: root,
            secret: try Secrets.read(at: founder.secret),
            size: .init(conversations: 9, messages: site.scale.messageCount, attachments: 40, years: 3),
            seed: 1
        )
        messageCount = try await demo.run(.system()) { _ in }
        tree = try await Self.fill(founder, copy, site)
        companion = try await Companion(root: root, secret: founder.secret)
    }

    private static func fill(_ founder: Founder, _ copy: FilePath, _ site: Site) async throws -> SampleTree {
        let scratch = site.path("scratch")
        var shelf = FileShelf(node: try founder.open(), scale: site.scale, copy: copy, scratch: scratch)
        return try await shelf.fill(rounds: site.rounds)
    }

    /// Mounts in every mode that this IoM has.
    func mount() async throws {
        for mode in MountMode.all {
            do {
                try await mount(mode)
                modes.append(mode)
                let report = try await mounts().first { $0.directory == mountPoint(mode).string }
                notes.append("\(mode.contender) reads by \(report?.data ?? "unknown")")
            } catch  where mode.contender != .iom {
                notes.append("\(mode.contender) is not there: \(error)")
            }
        }
    }

    private func mount(_ mode: MountMode) async throws {
        let directory = mountPoint(mode)
        try PlainFile.makeDirectory(directory)
        let options = try MountOptions(words: mode.words)
        try await companion.perform(Mounting(directory: directory.string, options: options))
    }

    private func mountPoint(_ mode: MountMode) -> FilePath { site.path("mount-\(mode.contender)") }

    /// Mounts anew, so that the kernel knows nothing of the tree.
    func remount(_ contender: Contender) async throws {
        guard let mode = modes.first(where: { $0.contender == contender }) else { return }
        let directory = mountPoint(mode)
        try Unmounting.run(at: directory)
        try await companion.wait("to unmount") { try await !mounts().contains { $0.directory == directory.string } }
        try await mount(mode)
    }

    private func mounts() async throws -> [MountReport] {
        let mounts = Latest<[MountReport]>()
        try await companion.perform(ReportStatus()) { await mounts.set($0.mounts) }
        return await mounts.value ?? []
    }

    /// The tree as each mode and ext4 show it.
    var showings: [Showing] {
        modes.map { Showing(contender: $0.contender, top: mountPoint($0), backing: .store(root)) }
            + [Showing(contender: .ext4, top: copy, backing: .none)]
    }

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
