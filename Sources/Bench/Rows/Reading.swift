import Objects
import SystemPackage

extension Row {
    static let reading =
        CacheState.allCases.map(readSmall) + CacheState.allCases.map(readLarge) + CacheState.allCases.map(readRandom)

    static func readSmall(_ state: CacheState) -> Row {
        Row(
            name: "cat-\(state)",
            what: "open, read and close files of 1 to 8 KiB of the mount, \(state.words)",
            unit: .filesPerSecond
        ) { site in
            try await ReadSmall(archive: site.mounted(), state: state)
        }
    }

    static func readLarge(_ state: CacheState) -> Row {
        Row(
            name: "read-\(state)",
            what: "read a large file of the mount from start to end, \(state.words)",
            unit: .megabytesPerSecond
        ) { site in
            try await ReadLarge(archive: site.mounted(), state: state)
        }
    }

    static func readRandom(_ state: CacheState) -> Row {
        Row(
            name: "random-\(state)",
            what: "read 4 KiB anywhere in a large file of the mount, \(state.words); median",
            unit: .microseconds
        ) { site in
            try await ReadRandom(archive: site.mounted(), state: state, count: site.scale.randomReadCount)
        }
    }
}

private struct ReadSmall: Trial {
    let archive: Archive
    let state: CacheState

    func measure(_ side: Contender, _ round: Int) throws -> Double? {
        for file in archive.small { try archive.bring(file, into: state, on: side) }
        let paths = archive.small.map { archive.path(of: $0, on: side) }
        let time = try ContinuousClock().measure { for path in paths { try PlainFile.read(path) } }
        return .rate(paths.count, in: time)
    }
}

private struct ReadLarge: Trial {
    let archive: Archive
    let state: CacheState

    func measure(_ side: Contender, _ round: Int) throws -> Double? {
        try archive.bring(archive.large, into: state, on: side)
        let path = archive.path(of: archive.large, on: side)
        var byteCount = 0
        let time = try ContinuousClock().measure { byteCount = try PlainFile.read(path) }
        return .megabytes(byteCount, in: time)
    }
}

private struct ReadRandom: Trial {
    private static let byteCount = 4_096

    let archive: Archive
    let state: CacheState
    let count: Int

    func measure(_ side: Contender, _ round: Int) throws -> Double? {
        try archive.bring(archive.large, into: state, on: side)
        let path = archive.path(of: archive.large, on: side)
        let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
        defer { try? file.close() }
        let pages = try file.seek(offset: 0, from: .end) / Int64(Self.byteCount)
        // The same places for both sides.
        let random = SeededRandom(seed: UInt64(round))
        let offsets = (0..<count).map { _ in Int64(random.number(below: UInt64(pages))) * Int64(Self.byteCount) }
        return try withUnsafeTemporaryAllocation(byteCount: Self.byteCount, alignment: Self.byteCount) { buffer in
            let times = try offsets.map { offset in
                try ContinuousClock().measure { _ = try file.read(fromAbsoluteOffset: offset, into: buffer) }.seconds
            }
            return Outcome.median(times) * 1e6
        }
    }
}
