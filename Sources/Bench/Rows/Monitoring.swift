import Glibc
import Objects
import SystemPackage

extension Contender {
    /// Mounted so that requests are not counted.
    static let iomUncounted: Self = "iom-uncounted"
}

extension Row {
    static let monitoring = Row(
        name: "monitoring",
        what: "open, read and close files of 1 to 8 KiB of the mount that was read before, requests counted or not",
        unit: .filesPerSecond,
        goal: .times(0.99, of: .iomUncounted),
        needs: [.small]
    ) { site in
        let archive = try await site.mounted()
        guard let counted = archive.showings.first(where: { $0.contender == .iom }) else {
            throw PeerFailure("nothing is mounted")
        }
        let uncounted = try await archive.mountUncounted()
        let files = archive.files(.small)
        return CountedReading(
            showings: [counted, uncounted],
            files: files,
            archive: archive,
            notes: [try await CountedReading.account(counted, files, archive)]
        )
    }
}

/// The same files of the same instance, by two mounts that differ in nothing else.
private struct CountedReading: Trial {
    /// All files are read so often in one round.
    private static let turns = 20

    let showings: [Showing]
    let files: [SampleTree.File]
    let archive: Archive

    var contenders: [Contender] { showings.map(\.contender) }

    let notes: [String]

    /// What counting takes by itself: two mounts differ by more than that for other reasons.
    static func account(_ showing: Showing, _ files: [SampleTree.File], _ archive: Archive) async throws -> String {
        let table = CounterTable(count: 64)
        let count = 2_000_000
        let counting = ContinuousClock().measure { for number in 0..<count { table.add(at: number & 63) } }
        try showing.bring(files, into: .warm)
        let before = try await archive.requestCount()
        let reading = try ContinuousClock().measure { for file in files { try PlainFile.read(showing.path(of: file)) } }
        // Whether a file that is opened is here is counted as well.
        let requests = Double(try await archive.requestCount() - before) / Double(files.count) + 1
        let (one, file) = (counting / .nanoseconds(1) / Double(count), reading / .nanoseconds(1) / Double(files.count))
        return "counting takes \(Report.text(one)) ns, and a file \(Report.text(requests)) counts and "
            + "\(Report.text(file / 1_000)) us: \(Report.text(requests * one / file * 100)) % of the time"
    }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        guard let showing = showings.first(where: { $0.contender == contender }) else { return nil }
        try showing.bring(files, into: .warm)
        let paths = files.map(showing.path)
        let time = try ContinuousClock().measure {
            for _ in 0..<Self.turns { for path in paths { try PlainFile.read(path) } }
        }
        return .rate(Self.turns * paths.count, in: time)
    }

    func end() async { try? archive.unmountUncounted() }
}
