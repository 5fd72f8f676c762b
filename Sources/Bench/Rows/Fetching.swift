import Node
import SystemPackage

extension Row {
    static let fetching = [join, fetchSmall, fetchSerial, fetchLarge]

    static let join = Row(
        name: "join",
        what: "a device joins and has all messages and names; ext4: copy as many files and syncfs",
        unit: .objectsPerSecond
    ) { site in
        _ = try await site.mounted()
        return Join(site: site)
    }

    static let fetchSmall = Row(
        name: "fetch-small",
        what: "fetch a folder of files of 500 bytes over loopback, durable; ext4: copy them and syncfs",
        unit: .objectsPerSecond
    ) { site in
        try await Fetch(laptop: site.joined(), archive: site.mounted(), site: site, kind: "small")
    }

    static let fetchLarge = Row(
        name: "fetch-large",
        what: "fetch one large file over loopback, durable; ext4: copy it and syncfs",
        unit: .megabytesPerSecond
    ) { site in
        try await Fetch(laptop: site.joined(), archive: site.mounted(), site: site, kind: "large")
    }

    static let fetchSerial = Row(
        name: "fetch-serial",
        what: "read absent files of 500 bytes in the mount, one after the other; ext4: read them from the disk",
        unit: .filesPerSecond
    ) { site in
        let laptop = try await site.joined()
        try await laptop.mount()
        return try await FetchSerial(laptop: laptop, archive: site.mounted())
    }
}

private struct Join: Trial {
    let site: Site

    func measure(_ side: Contender, _ round: Int) async throws -> Double? {
        let clock = ContinuousClock()
        guard side == .ext4 else {
            let start = clock.now
            let laptop = try await site.newLaptop()
            try await laptop.follow()
            let time = start.duration(to: clock.now)
            return .rate(try await laptop.companion.counts().localObjects, in: time)
        }
        let objects = try await PlainTree.files(below: site.joined().root.appending("objects"))
        let time = try clock.measure { try PlainTree.copy(objects, into: site.plain.appending("join-\(round)")) }
        return .rate(objects.count, in: time)
    }
}

private struct Fetch: Trial {
    let laptop: Laptop
    let archive: Archive
    let site: Site
    let kind: String

    func measure(_ side: Contender, _ round: Int) async throws -> Double? {
        let path = Archive.fetched(kind, round: round)
        let source = archive.copy.appending(path)
        let isLarge = kind == "large"
        let files = isLarge ? [source] : try PlainTree.files(below: source)
        let start = ContinuousClock.now
        switch side {
        case .iom: try await laptop.fetch(path)
        default: try PlainTree.copy(files, into: site.plain.appending("fetched-\(kind)-\(round)"))
        }
        let time = ContinuousClock.now - start
        return isLarge ? .megabytes(site.scale.largeByteCount, in: time) : .rate(files.count, in: time)
    }
}

private struct FetchSerial: Trial {
    let laptop: Laptop
    let archive: Archive

    func measure(_ side: Contender, _ round: Int) throws -> Double? {
        let folder = Archive.fetched("serial", round: round)
        let files = try PlainTree.files(below: archive.copy.appending(folder))
        if side == .ext4 { for file in files { try PlainFile.dropCache(of: file) } }
        let paths =
            side == .ext4
            ? files
            : files.compactMap(\.lastComponent).map { name in
                laptop.mountPoint.appending(folder).appending(name)
            }
        let time = try ContinuousClock().measure { for path in paths { try PlainFile.read(path) } }
        return .rate(paths.count, in: time)
    }
}
