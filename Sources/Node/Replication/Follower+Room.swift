import Catalog
import Objects
import Storage

/// The room of what comes by itself: it is asked for before anything is stored, so that nobody's messages break the quota.
extension Follower {
    /// What is known in detail does not fit here, and the peer gives an outline.
    struct Crowded: Error {}

    /// Room that was not found is asked for again after this.
    private static let vainPause = Duration.seconds(1)
    /// What an item of a tree takes in the catalog, at most.
    static let outlineItemByteCount = 1024
    /// Bytes of objects that are made durable with one barrier.
    private static let batchByteCountMax = 8 << 20
    /// What comes at once takes no more than one part of so many of the quota.
    private static let quotaPart = 64

    /// Bytes that come at once.
    var batchByteCount: Int {
        let quota = node.policy.maxStorage?.value ?? .max
        return min(Self.batchByteCountMax, quota / Self.quotaPart)
    }

    /// Throws if this instance is better off with the outline.
    func requireRoomForDetails() throws {
        guard givesOutline else { return }
        if try node.catalog.isSparse || node.policy.isCrowded(by: node.catalog.heldCount()) { throw Crowded() }
    }

    /// Stores something once there is room for it; waits for as long as there is none.
    func withRoom(for sizes: [Int], _ store: () throws -> Void) async throws {
        while !(await node.charge.promise(awaiting: sizes)) {
            try Task.checkCancellation()
            // What was written here makes room when an archive has it; what is brought in detail never does.
            if givesOutline, try !node.catalog.isSparse && node.underReplicatedCount() == 0 { throw Crowded() }
            shortage.call()
            try await node.time.sleep(for: Self.vainPause)
        }
        defer { node.charge.settle(sizes) }
        try store()
    }

    /// Heads that take a file of their own.
    func newHeadSizes(_ heads: [(id: IDHash, node: ObjectHash)]) throws -> [Int] {
        guard node.policy.maxStorage != nil else { return [] }
        return try heads.filter { try node.store.head(of: $0.id) == nil }.map { _ in Allocation.blockByteCount }
    }
}
