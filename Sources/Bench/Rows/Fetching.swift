import Node
import Objects
import SystemPackage

extension Row {
    static let fetching = [join, fetchSmall, fetchSerial, fetchParallel, fetchLarge]

    static let join = Row(
        name: "join",
        what: "a device joins and has all messages and names; ext4: copy as many files and syncfs",
        unit: .objectsPerSecond,
        needs: [.small]
    ) { site in
        Join(site: site)
    }

    static let fetchSmall = Row(
        name: "fetch-small",
        what: "fetch a folder of files of 500 bytes over loopback, durable; ext4: write as many and syncfs",
        unit: .objectsPerSecond,
        goal: .figure(5_000),
        needs: [.fetched(.folder)]
    ) { site in
        try await FetchSmall(laptop: site.joined(), site: site)
    }

    static let fetchSerial = readAbsent(.serial, "one after the other", goal: 1_500)
    static let fetchParallel = readAbsent(.parallel, "by 16 readers", goal: 5_000)

    private static func readAbsent(_ kind: SampleTree.Fetched, _ words: String, goal: Double) -> Row {
        Row(
            name: "fetch-\(kind)",
            what: "read absent files of 500 bytes in the mount, \(words)",
            unit: .filesPerSecond,
            goal: .figure(goal),
            needs: [.fetched(kind)]
        ) { site in
            try await ReadAbsent(laptop: site.joinedAndMounted(), site: site, kind: kind)
        }
    }

    static let fetchLarge = Row(
        name: "fetch-large",
        what: "fetch one large file over loopback, verified and durable; sha256: hash as much in memory; "
            + "ext4: copy it and fsync",
        unit: .megabytesPerSecond,
        goal: .times(0.5, of: .sha256),
        needs: [.large, .fetched(.large)]
    ) { site in
        try await FetchLarge(laptop: site.joined(), site: site)
    }
}

extension Contender {
    /// OpenSSL's EVP, in this process.
    static let sha256: Self = "sha256"
}

private struct Join: Trial {
    let site: Site

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let clock = ContinuousClock()
        guard contender == .ext4 else {
            let start = clock.now
            let laptop = try await site.newLaptop()
            try await laptop.follow()
            let time = start.duration(to: clock.now)
            let count = try await laptop.companion.counts().localObjects
            await laptop.companion.end()
            return .rate(count, in: time)
        }
        let objects = try await PlainTree.files(below: site.joined().root.appending("objects"))
        let time = try clock.measure { try PlainTree.copy(objects, into: site.plain.appending("join-\(round)")) }
        return .rate(objects.count, in: time)
    }
}

private struct FetchSmall: Trial {
    let laptop: Laptop
    let site: Site

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let (kind, scale) = (SampleTree.Fetched.folder, site.scale)
        let count = kind.count(scale)
        let start = ContinuousClock.now
        if contender == .iom {
            try await laptop.fetch(kind.path(round).string)
            return .rate(count, in: ContinuousClock.now - start)
        }
        let objects = SampleBytes(seed: UInt64(round)).objects(count, of: scale.objectByteCount)
        let folder = site.plain.appending("fetched-\(round)")
        try PlainFile.makeDirectory(folder)
        let time = try ContinuousClock().measure {
            for (index, bytes) in objects.enumerated() { try PlainFile.write(bytes, to: folder.appending("\(index)")) }
            try PlainFile.synchronize(folder)
        }
        return .rate(count, in: time)
    }
}

private struct ReadAbsent: Trial {
    private static let readerCount = 16

    let laptop: Laptop
    let site: Site
    let kind: SampleTree.Fetched

    var contenders: [Contender] { [.iom] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let paths = kind.paths(round, site.scale).map { laptop.mountPoint.pushing($0) }
        let crowd = Crowd(readerCount: kind == .serial ? 1 : Self.readerCount)
        let start = ContinuousClock.now
        let byteCount = try await crowd.read(paths)
        let time = ContinuousClock.now - start
        guard byteCount == paths.count * site.scale.objectByteCount else {
            throw PeerFailure("\(byteCount) bytes came of \(paths.count) files")
        }
        return .rate(paths.count, in: time)
    }
}

private struct FetchLarge: Trial {
    let laptop: Laptop
    let site: Site
    private let bytes: [UInt8]

    init(laptop: Laptop, site: Site) throws {
        (self.laptop, self.site) = (laptop, site)
        bytes = SampleBytes(seed: 5).bytes(site.scale.largeByteCount)
    }

    var contenders: [Contender] { [.iom, .sha256, .ext4] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let start = ContinuousClock.now
        switch contender {
        case .iom: try await laptop.fetch(SampleTree.Fetched.large.path(round).string)
        case .sha256: hash()
        default:
            let path = try await site.mounted().copy.pushing(SampleTree.Shown.large.path)
            try PlainFile.copy(path, to: site.plain.appending("fetched-large-\(round)"), isDurable: true)
        }
        return .megabytes(bytes.count, in: ContinuousClock.now - start)
    }

    private func hash() {
        var hasher = SHA256()
        bytes.withUnsafeBytes { hasher.update($0) }
        _ = hasher.finish()
    }
}
