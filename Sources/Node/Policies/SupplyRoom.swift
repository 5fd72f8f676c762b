import Objects

/// How much may be brought ahead of its use: so much that nothing has to go for it.
package struct SupplyRoom: Sendable {
    /// Of the quota or what the disk has; above 0.7 old things begin to go (design 9).
    private static let share = 0.65
    /// What is essential may take more: other things go for it.
    private static let essentialShare = 0.9
    private static let blockByteCount = 4_096
    /// Objects of a message that are not here yet: what it says, when, its signature, and what that affirms.
    private static let objectsPerMessage = 4

    /// nil: unlimited.
    private let limit: Int?
    private var used: Int
    /// The first that did not fit ends it: nothing older is brought in place of something newer.
    private var isFull = false

    package init(limit: Int?, used: Int) { (self.limit, self.used) = (limit, used) }

    /// Whether there is any for what is not essential.
    var isOpen: Bool { limit.map { Double(used) < Double($0) * Self.share } ?? true }

    /// Whether there is room for so many messages of which nothing is known, which is taken.
    mutating func take(messageCount: Int, for ground: Ground) -> Bool {
        take(messageCount * Self.objectsPerMessage * Self.blockByteCount, for: ground)
    }

    /// Whether there is room for something of this size, which is taken.
    mutating func take(_ byteCount: Int, for ground: Ground) -> Bool {
        guard let limit else { return true }
        var isEssential = false
        if case .essential = ground { isEssential = true }
        guard isEssential || !isFull else { return false }
        let most = Int(Double(limit) * (isEssential ? Self.essentialShare : Self.share))
        let charge = (byteCount + Self.blockByteCount - 1) / Self.blockByteCount * Self.blockByteCount
        // What can never be kept keeps nothing else away.
        guard charge <= most else { return false }
        guard used + charge <= most else {
            isFull = isFull || !isEssential
            return false
        }
        used += charge
        return true
    }
}

extension Node {
    /// What may be brought ahead now.
    package func supplyRoom() throws -> SupplyRoom {
        let reading = try charge.reading()
        return SupplyRoom(limit: reading.limit, used: reading.committed)
    }
}
