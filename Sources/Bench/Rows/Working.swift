import Foundation
import SystemPackage

extension Row {
    /// What people do with whole trees.
    static let working = [rsyncAgain, rsyncMixed, grepMixed(.cold), grepMixed(.warm)]

    static let rsyncAgain = Row(
        name: "rsync-again",
        what:
            "`rsync -a` of the files of 1 to 8 KiB of the mount to where they have been brought before: nothing moves",
        unit: .seconds,
        goal: .times(0.5, of: .ext4),
        needs: [.small]
    ) { site in
        RsyncAgain(gallery: try await site.gallery(Peer.local), site: site)
    }

    static let rsyncMixed = Row(
        name: "rsync-mixed",
        what: "`rsync -a` of small files and some large ones of the mount to a new folder, from the disk",
        unit: .seconds,
        needs: [.mixed]
    ) { site in
        RsyncMixed(
            gallery: try await site.gallery(Peer.local),
            site: site,
            files: try await site.mounted().files(.mixed)
        )
    }

    static func grepMixed(_ state: CacheState) -> Row {
        Row(
            name: "grep-\(state)",
            what: "`grep -r` of small files and some large ones of the mount for what is not there, \(state.words)",
            unit: .seconds,
            needs: [.mixed]
        ) { site in
            let files = try await site.mounted().files(.mixed)
            return GrepMixed(gallery: try await site.gallery(Peer.local), files: files, state: state)
        }
    }
}

/// `rsync -a`, and what it says it did.
private struct Rsync {
    let source: FilePath
    let target: FilePath

    /// The files it moved.
    func run() throws -> Int {
        let said = try Program("rsync", "-a", "--stats", "\(source)/", "\(target)/").output()
        let line = said.split(separator: "\n").first { $0.contains("regular files transferred") }
        guard let count = line?.split(separator: " ").last.flatMap({ Int($0.filter(\.isNumber)) }) else {
            throw PeerFailure("rsync does not say what it moved: \(said)")
        }
        return count
    }
}

private struct RsyncAgain: GalleryTrial {
    let gallery: Gallery
    let site: Site

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        let target = site.path("rsync-\(showing.contender)")
        let rsync = Rsync(source: showing.top.pushing(SampleTree.Shown.small.path), target: target)
        if !PlainFile.exists(target) { _ = try rsync.run() }
        var count = 0
        let time = try ContinuousClock().measure { count = try rsync.run() }
        guard count == 0 else { throw PeerFailure("the second rsync moved \(count) files") }
        return time.seconds
    }
}

private struct RsyncMixed: GalleryTrial {
    let gallery: Gallery
    let site: Site
    let files: [SampleTree.File]

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        try showing.bring(files, into: .cold)
        let target = site.path("rsync-mixed-\(showing.contender)-\(round)")
        defer { try? PlainTree.remove(target) }
        let rsync = Rsync(source: showing.top.pushing(SampleTree.Shown.mixed.path), target: target)
        var count = 0
        let time = try ContinuousClock().measure { count = try rsync.run() }
        guard count == files.count else { throw PeerFailure("rsync moved \(count) of \(files.count) files") }
        return time.seconds
    }
}

private struct GrepMixed: GalleryTrial {
    /// Longer than what pseudorandom bytes have by chance.
    private static let absent = "no such words anywhere"

    let gallery: Gallery
    let files: [SampleTree.File]
    let state: CacheState

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        try showing.bring(files, into: state)
        let grep = Program("grep", "-r", Self.absent, showing.top.pushing(SampleTree.Shown.mixed.path).string)
        return try ContinuousClock().measure {
            do { try grep.run() } catch let failure as Program.Failure where failure.exitCode == 1 {
                // It found nothing.
            }
        }.seconds
    }
}
