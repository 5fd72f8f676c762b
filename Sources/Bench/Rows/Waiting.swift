import Glibc
import Node
import SystemPackage

extension Row {
    /// What others notice of those who wait.
    static let waiting = [localWhileStuck]

    static let localWhileStuck = Row(
        name: "local-while-stuck",
        what: "open, read and close local files of 500 bytes of a mount in which readers wait for a peer that is "
            + "stopped; p99. alone: the same while nobody waits",
        unit: .microseconds,
        goal: .times(0.9, of: .alone),
        needs: [.fetched(.local), .fetched(.stuck)]
    ) { site in
        let laptop = try await site.joinedAndMounted()
        for round in 0..<site.rounds { try await laptop.fetch(SampleTree.Fetched.local.path(round).string) }
        return LocalWhileStuck(laptop: laptop, archive: try await site.mounted(), site: site)
    }
}

extension Contender {
    /// IoM while nothing else goes on in it.
    static let alone: Self = "alone"
}

private struct LocalWhileStuck: Trial {
    /// A fetch gives up after ten seconds: all has to be read before.
    private static let readTime = Duration.seconds(2)
    /// Until all readers wait.
    private static let pause = Duration.seconds(1)

    let laptop: Laptop
    let archive: Archive
    let site: Site

    var contenders: [Contender] { [.iom, .alone] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let local = SampleTree.Fetched.local.paths(round, site.scale).map { laptop.mountPoint.pushing($0) }
        for path in local { try PlainFile.read(path) }
        guard contender == .iom else { return try ninetyNinth(local) }
        archive.companion.freeze(true)
        defer { archive.companion.freeze(false) }
        let stuck = SampleTree.Fetched.stuck.paths(round, site.scale).map { laptop.mountPoint.pushing($0) }
        let readers = try stuck.map { try Program("cat", $0.string).start() }
        defer { for reader in readers { reader.end(SIGKILL) } }
        try await Task.sleep(for: Self.pause)
        let figure = try ninetyNinth(local)
        let waiting = readers.filter(\.isRunning).count
        guard waiting == readers.count else { throw PeerFailure("only \(waiting) of \(readers.count) readers waited") }
        return figure
    }

    /// Reads again and again for a while.
    private func ninetyNinth(_ paths: [FilePath]) throws -> Double {
        let start = ContinuousClock.now
        var times: [Double] = []
        while ContinuousClock.now - start < Self.readTime {
            for path in paths {
                times.append(try ContinuousClock().measure { try PlainFile.read(path) }.microseconds)
            }
        }
        return Outcome.ninetyNinth(times)
    }
}
