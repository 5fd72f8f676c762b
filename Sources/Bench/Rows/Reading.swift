import Glibc
import Objects
import SystemPackage

extension Row {
    static let reading =
        CacheState.allCases.map(readSmall) + CacheState.allCases.map(readLarge) + CacheState.allCases.map(readRandom)
        + [readMapped]

    static func readSmall(_ state: CacheState) -> Row {
        let goals: [CacheState: Double] = [.cold: 0.7, .warm: 0.5]
        return Row(
            name: "cat-\(state)",
            what: "open, read and close files of 1 to 8 KiB of the mount, \(state.words)",
            unit: .filesPerSecond,
            goal: goals[state].map { .all([.times($0, of: .ext4), .times(1, of: .squashfuse)]) },
            needs: [.small, .large]
        ) { site in
            let gallery = try await site.gallery(Peer.local + Peer.distant)
            return ReadSmall(gallery: gallery, files: try await site.mounted().files(.small), state: state)
        }
    }

    static func readLarge(_ state: CacheState) -> Row {
        let goals: [CacheState: Double] = [.cold: 1, .warm: 0.97]
        return Row(
            name: "read-\(state)",
            what: "read a large file of the mount from start to end, \(state.words)",
            unit: .megabytesPerSecond,
            goal: goals[state].map { .all([.times($0, of: .ext4), .times(1, of: .passthrough, by: .iomSplice)]) },
            needs: [.small, .large]
        ) { site in
            let gallery = try await site.gallery([.passthrough] + Peer.local + Peer.distant)
            return ReadLarge(gallery: gallery, files: try await site.mounted().files(.large), state: state)
        }
    }

    static func readRandom(_ state: CacheState) -> Row {
        Row(
            name: "random-\(state)",
            what: "read 4 KiB anywhere in a large file of the mount, \(state.words); median",
            unit: .microseconds,
            goal: state == .cold ? .times(0.9, of: .ext4) : nil,
            needs: [.small, .large]
        ) { site in
            let gallery = try await site.gallery([.passthrough] + Peer.local + Peer.distant)
            let files = try await site.mounted().files(.large)
            return ReadRandom(gallery: gallery, files: files, state: state, count: site.scale.randomReadCount)
        }
    }

    static let readMapped = Row(
        name: "mmap-warm",
        what: "map a large file of the mount and touch 4 KiB anywhere in it, again; mean",
        unit: .microseconds,
        goal: .times(0.9, of: .ext4),
        needs: [.large]
    ) { site in
        let gallery = try await site.gallery([.passthrough] + Peer.local)
        let files = try await site.mounted().files(.large)
        return ReadMapped(gallery: gallery, files: files, count: site.scale.randomReadCount)
    }
}

private struct ReadSmall: GalleryTrial {
    let gallery: Gallery
    let files: [SampleTree.File]
    let state: CacheState

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        let files = showing.share(of: files)
        try showing.bring(files, into: state)
        let paths = files.map(showing.path)
        let time = try ContinuousClock().measure { for path in paths { try PlainFile.read(path) } }
        return .rate(paths.count, in: time)
    }
}

private struct ReadLarge: GalleryTrial {
    let gallery: Gallery
    let files: [SampleTree.File]
    let state: CacheState

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        try showing.bring(files, into: state)
        let paths = files.map(showing.path)
        var byteCount = 0
        let time = try ContinuousClock().measure { byteCount = try paths.reduce(0) { try $0 + PlainFile.read($1) } }
        return .megabytes(byteCount, in: time)
    }
}

/// Places in a large file, the same for all contenders of a round.
private struct RandomPlaces {
    static let byteCount = 4_096

    let offsets: [Int]

    init(_ count: Int, in fileByteCount: Int, round: Int) {
        let pages = UInt64(fileByteCount / Self.byteCount)
        let random = SeededRandom(seed: UInt64(round))
        offsets = (0..<count).map { _ in Int(random.number(below: pages)) * Self.byteCount }
    }
}

private struct ReadRandom: GalleryTrial {
    let gallery: Gallery
    let files: [SampleTree.File]
    let state: CacheState
    let count: Int

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        try showing.bring(files, into: state)
        let file = try FileDescriptor.open(
            showing.top.pushing(SampleTree.Shown.large.path),
            .readOnly,
            options: .closeOnExec
        )
        defer { try? file.close() }
        let size = Int(try file.seek(offset: 0, from: .end))
        let count = showing.isSlow && state == .cold ? min(count, Self.slowCountMax) : count
        let places = RandomPlaces(count, in: size, round: round)
        let byteCount = RandomPlaces.byteCount
        return try withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: byteCount) { buffer in
            let times = try places.offsets.map { offset in
                try ContinuousClock().measure {
                    let count = try file.read(fromAbsoluteOffset: Int64(offset), into: buffer)
                    guard count == byteCount else { throw PeerFailure("\(count) bytes came instead of \(byteCount)") }
                }.microseconds
            }
            return Outcome.median(times)
        }
    }

    private static let slowCountMax = 200
}

private struct ReadMapped: GalleryTrial {
    let gallery: Gallery
    let files: [SampleTree.File]
    let count: Int

    func measure(_ showing: Showing, _ round: Int) throws -> Double {
        try showing.bring(files, into: .warm)
        let file = try FileDescriptor.open(
            showing.top.pushing(SampleTree.Shown.large.path),
            .readOnly,
            options: .closeOnExec
        )
        defer { try? file.close() }
        let size = Int(try file.seek(offset: 0, from: .end))
        guard let start = mmap(nil, size, PROT_READ, MAP_SHARED, file.rawValue, 0), start != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        defer { munmap(start, size) }
        let places = RandomPlaces(count, in: size, round: round)
        return withUnsafeTemporaryAllocation(byteCount: RandomPlaces.byteCount, alignment: 64) { buffer in
            let time = ContinuousClock().measure {
                for offset in places.offsets {
                    let page = UnsafeRawBufferPointer(start: start + offset, count: RandomPlaces.byteCount)
                    buffer.copyMemory(from: page)
                }
            }
            return time.microseconds / Double(count)
        }
    }
}
