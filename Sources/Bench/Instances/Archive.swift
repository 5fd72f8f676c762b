import Foundation
import Node
import Objects
import SystemPackage

/// An instance with conversations and files that is mounted in every mode, and its files on ext4.
final class Archive {
    let companion: Companion
    /// The files that are compared, as plain ones.
    let copy: FilePath
    private let site: Site
    private let root: FilePath
    private let contents: FilePath
    private var made: Contents
    private(set) var modes: [MountMode] = []
    /// How the modes read, or why one is not there.
    private(set) var notes: [String] = []

    /// What was made in it, kept beside it.
    private struct Contents: Codable {
        var messageCount: Int
        /// By the name of the part.
        var files: [String: [SampleTree.File]] = [:]
    }

    /// Takes the one that the site has kept, or makes one.
    init(site: Site) async throws {
        (self.site, root, copy) = (site, site.keptPath("archive"), site.keptPath("tree"))
        contents = site.keptPath("tree.json")
        let founder = Founder(root: root, secret: site.keptPath("archive-secret"))
        if PlainFile.exists(contents) {
            made = try JSONDecoder().decode(Contents.self, from: Data(PlainFile.bytes(of: contents)))
        } else {
            made = Contents(messageCount: try await Self.found(founder, site))
            try PlainFile.makeDirectory(copy)
        }
        companion = try await Companion(root: root, secret: founder.secret)
    }

    private static func found(_ founder: Founder, _ site: Site) async throws -> Int {
        try founder.found(name: "archive")
        let demo = MakeDemo(
            root: founder.root,
            secret: try Secrets.read(at: founder.secret),
            size: .init(conversations: 9, messages: site.scale.messageCount, attachments: 40, years: 3),
            seed: 1
        )
        return try await demo.run(.system()) { _ in }
    }

    var messageCount: Int { made.messageCount }

    func files(_ part: SampleTree.Shown) -> [SampleTree.File] { made.files[part.rawValue] ?? [] }

    /// The last file of each part: whoever knows these knows all.
    var lastPaths: [FilePath] { made.files.values.compactMap(\.last?.path) }

    /// Makes what is not there yet.
    func make(_ needs: some Sequence<Need>) async throws {
        let scratch = site.path("scratch")
        let shelf = FileShelf(companion: companion, scale: site.scale, copy: copy, scratch: scratch)
        for need in needs {
            switch need {
            case .shown(let part): try await make(part.rawValue) { try await shelf.make(part) }
            case .fetched(let part):
                for round in 0..<part.rounds(site.rounds) {
                    try await make(part.name(round)) { try await shelf.make(part, round) }
                }
            case .world: break
            }
        }
    }

    private func make(_ name: String, _ files: () async throws -> [SampleTree.File]) async throws {
        guard made.files[name] == nil else { return }
        made.files[name] = try await files()
        try JSONEncoder().encode(made).write(to: URL(fileURLWithPath: contents.string), options: .atomic)
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

    /// Requests of the kernel so far.
    func requestCount() async throws -> Int {
        try await companion.counts().fuse.operations.reduce(0) { $0 + $1.count }
    }

    /// The tree once more, as the first mode shows it, but without counting.
    func mountUncounted() async throws -> Showing {
        let mode = MountMode(contender: .iomUncounted, words: ["no_count"])
        try await mount(mode)
        return Showing(contender: mode.contender, top: mountPoint(mode), backing: .store(root))
    }

    func unmountUncounted() throws {
        try Unmounting.run(at: mountPoint(MountMode(contender: .iomUncounted, words: [])))
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
