import Objects
import SystemPackage

extension Row {
    /// What somebody waits for who plays a video that is not here.
    static let playing = [
        Row(
            name: "video-seek",
            what: "jump to 20 places of an absent file, four times as long as a large one, in the mount: median time "
                + "until the next 1 MiB is read",
            unit: .milliseconds,
            needs: [.fetched(.video)]
        ) { site in
            try await Play(laptop: site.joinedAndMounted(), site: site, isSeeking: true)
        },
        Row(
            name: "video-play",
            what: "read on for an eighth of that file from a place where nobody was: bytes a second",
            unit: .megabytesPerSecond,
            needs: [.fetched(.video)]
        ) { site in
            try await Play(laptop: site.joinedAndMounted(), site: site, isSeeking: false)
        },
    ]
}

private struct Play: Trial {
    private static let placeCount = 20
    private static let pieceByteCount = 1 << 20

    let laptop: Laptop
    let site: Site
    let isSeeking: Bool

    var contenders: [Contender] { [.iom] }

    func measure(_ contender: Contender, _ round: Int) async throws -> Double? {
        let path = laptop.mountPoint.pushing(SampleTree.Fetched.video.paths(0, site.scale)[0])
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        let size = Int(try file.seek(offset: 0, from: .end))
        guard !isSeeking else { return Outcome.median(try seek(in: file, size, round)) }
        let length = size / 8
        // The first half is for other rounds and for jumping.
        let start = size / 2 + round * length
        guard start + length <= size else { return nil }
        let clock = ContinuousClock()
        let time = try clock.measure {
            for offset in stride(from: start, to: start + length, by: Self.pieceByteCount) {
                try read(file, at: offset, min(Self.pieceByteCount, start + length - offset))
            }
        }
        return .megabytes(length, in: time)
    }

    /// Milliseconds for each place, all in the first half.
    private func seek(in file: FileDescriptor, _ size: Int, _ round: Int) throws -> [Double] {
        let random = SeededRandom(seed: UInt64(round))
        let pieces = UInt64(max(1, size / 2 / Self.pieceByteCount))
        return try (0..<Self.placeCount).map { _ in
            let offset = Int(random.number(below: pieces)) * Self.pieceByteCount
            return try ContinuousClock().measure { try read(file, at: offset, min(Self.pieceByteCount, size)) }
                .milliseconds
        }
    }

    private func read(_ file: FileDescriptor, at offset: Int, _ byteCount: Int) throws {
        try withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 64) { buffer in
            try file.readAll(fromOffset: offset, into: buffer)
        }
    }
}
