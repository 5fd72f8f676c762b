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
    /// Large files of one round of putting.
    var putLargeCount: Int
    /// Bytes of a file of which only the beginning is read.
    var headedByteCount: Int
    /// Messages of the mounted instance.
    var messageCount: Int
    /// Files of 1 to 8 KiB in the mounted instance.
    var fileCount: Int
    /// Files that are only listed.
    var listedCount: Int
    /// Small files and larger ones of the mixed tree.
    var mixedSmallCount: Int
    var mixedLargeCount: Int
    var mixedLargeByteCount: Int
    /// Files of `objectByteCount` that one round fetches.
    var fetchCount: Int
    /// Files of `objectByteCount` that one round fetches one after another.
    var serialFetchCount: Int
    /// Reads of 4 KiB in one round.
    var randomReadCount: Int
    /// Readers that wait for a peer that does not answer.
    var stuckCount: Int
    /// Messages of a first sync with a contact, and of a long conversation with one.
    var firstMessageCount: Int
    var longMessageCount: Int
    /// Objects of the world of many objects.
    var worldObjectCount: Int
    /// How long instances are left alone, until what they did before is over.
    var settlingTime = Duration.seconds(80)
    /// Rounds, unless the command line says otherwise.
    var rounds: Int

    /// Files of which only the beginning is read at once.
    let headedCount = 10
    /// What a new version of a large file has more than the old one.
    var appendedByteCount: Int { min(1 << 20, largeByteCount / 8) }

    static let tiny = Self(
        objectCount: 20,
        largeByteCount: 2 << 20,
        putLargeCount: 2,
        headedByteCount: 2 << 20,
        messageCount: 10,
        fileCount: 20,
        listedCount: 50,
        mixedSmallCount: 10,
        mixedLargeCount: 2,
        mixedLargeByteCount: 1 << 20,
        fetchCount: 20,
        serialFetchCount: 5,
        randomReadCount: 20,
        stuckCount: 4,
        firstMessageCount: 20,
        longMessageCount: 80,
        worldObjectCount: 1_000,
        settlingTime: .seconds(1),
        rounds: 1
    )
    static let small = Self(
        objectCount: 2_000,
        largeByteCount: 64 << 20,
        putLargeCount: 4,
        headedByteCount: 8 << 20,
        messageCount: 400,
        fileCount: 1_000,
        listedCount: 5_000,
        mixedSmallCount: 500,
        mixedLargeCount: 4,
        mixedLargeByteCount: 8 << 20,
        fetchCount: 500,
        serialFetchCount: 100,
        randomReadCount: 2_000,
        stuckCount: 64,
        firstMessageCount: 200,
        longMessageCount: 4_000,
        worldObjectCount: 20_000,
        rounds: 3
    )
    static let full = Self(
        objectCount: 100_000,
        largeByteCount: 1 << 30,
        putLargeCount: 8,
        headedByteCount: 50 << 20,
        messageCount: 2_000,
        fileCount: 20_000,
        listedCount: 99_000,
        mixedSmallCount: 5_000,
        mixedLargeCount: 10,
        mixedLargeByteCount: 50 << 20,
        fetchCount: 10_000,
        serialFetchCount: 1_000,
        randomReadCount: 20_000,
        stuckCount: 64,
        firstMessageCount: 200,
        longMessageCount: 20_000,
        worldObjectCount: 1_000_000,
        rounds: 3
    )
}
