import ArgumentParser

/// How much data the rows work with.
struct Scale: Sendable {
    enum Name: String, CaseIterable, Codable, ExpressibleByArgument, Sendable {
        case tiny, small, full

        var scale: Scale {
            switch self {
            case .tiny: .tiny
            case .small: .small
            case .full: .full
            }
        }
    }

    /// Objects of one round of putting, each of `objectByteCount`.
    var objectCount: Int
    let objectByteCount = 500
    /// Objects that share a barrier.
    let batchCount = 1_000
    /// Bytes of one large file.
    var largeByteCount: Int
    /// Messages of the mounted instance.
    var messageCount: Int
    /// Files of 1 to 8 KiB in the mounted instance.
    var fileCount: Int
    /// Files of `objectByteCount` that one round fetches.
    var fetchCount: Int
    /// Files of `objectByteCount` that one round fetches one after another.
    var serialFetchCount: Int
    /// Reads of 4 KiB in one round.
    var randomReadCount: Int
    /// Rounds, unless the command line says otherwise.
    var rounds: Int

    static let tiny = Self(
        objectCount: 20,
        largeByteCount: 1 << 20,
        messageCount: 10,
        fileCount: 10,
        fetchCount: 10,
        serialFetchCount: 3,
        randomReadCount: 20,
        rounds: 1
    )
    static let small = Self(
        objectCount: 1_000,
        largeByteCount: 64 << 20,
        messageCount: 400,
        fileCount: 500,
        fetchCount: 150,
        serialFetchCount: 30,
        randomReadCount: 2_000,
        rounds: 3
    )
    static let full = Self(
        objectCount: 100_000,
        largeByteCount: 1 << 30,
        messageCount: 20_000,
        fileCount: 20_000,
        fetchCount: 10_000,
        serialFetchCount: 1_000,
        randomReadCount: 20_000,
        rounds: 5
    )
}
