import ArgumentParser
import SystemPackage

/// A program of others that shows files, as its manual says one should use it.
struct Peer: Sendable {
    let contender: Contender
    /// All have to be installed.
    let programs: [String]
    /// It takes one round, and shows the small files and the large one only: it would take hours.
    var isSlow = false
    /// What a reader of its figures should know.
    var note: String?
    /// Makes what it needs in a folder of its own, and shows the files.
    let show: @Sendable (PeerPlace) async throws -> Void

    /// Those that are local file systems.
    static let local = [bindfs, squashfuse]
    /// Those that are for backups or for files of other machines.
    static let distant = [sshfs, rclone, restic, borg]
    static let all = local + [passthrough] + distant

    /// Who of them takes part in a run.
    enum Choice: String, CaseIterable, ExpressibleByArgument, Sendable {
        case none, local, all

        func includes(_ peer: Peer) -> Bool {
            switch self {
            case .none: false
            case .local: !Peer.distant.contains { $0.contender == peer.contender }
            case .all: true
            }
        }
    }

    var isInstalled: Bool { programs.allSatisfy(Program.isInstalled) }
}

/// Where a peer works, and the programs that run for it.
final class PeerPlace {
    private static let startTimeMax = Duration.seconds(180)
    private static let pollPause = Duration.milliseconds(20)

    /// The plain files to show.
    let source: FilePath
    /// Of its own.
    let folder: FilePath
    private var running: [RunningProgram] = []
    /// Where the tree is, once it is shown.
    private(set) var showing: Showing?

    init(source: FilePath, folder: FilePath) throws {
        (self.source, self.folder) = (source, folder)
        for path in [folder, mountPoint] { try PlainFile.makeDirectory(path) }
    }

    var mountPoint: FilePath { folder.appending("mount") }

    /// A path of its own.
    func path(_ name: String) -> FilePath { folder.appending(name) }

    /// Starts a program that goes on running.
    func start(_ program: Program) throws { running.append(try program.start()) }

    /// Waits until the tree is there.
    func wait(_ contender: Contender, at top: FilePath, _ backing: Showing.Backing, isSlow: Bool = false) async throws {
        try await wait(contender, for: top.pushing("files"))
        showing = Showing(contender: contender, top: top, backing: backing, isSlow: isSlow)
    }

    /// Waits until a path is there.
    func wait(_ contender: Contender, for path: FilePath) async throws {
        let start = ContinuousClock.now
        while !PlainFile.exists(path) {
            guard ContinuousClock.now - start < Self.startTimeMax else {
                throw PeerFailure("\(contender) shows nothing after \(Self.startTimeMax)")
            }
            try await Task.sleep(for: Self.pollPause)
        }
    }

    /// Unmounts and ends what runs, last first.
    func close() {
        _ = try? Program("fusermount3", "-uz", mountPoint.string).run()
        for program in running.reversed() { program.end() }
        running = []
    }
}

/// Why something beside IoM could not be measured.
struct PeerFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
