extension Policy {
    /// Whether this instance knows the tree by the outline of another; nil: only where what there is would not fit.
    var isSparse: Bool? { keepAllObjects ? false : essentialsOnly ? true : nil }

    /// Whether so many objects of messages are too many to keep beside everything else, at a block each (design 9).
    func isCrowded(by objectCount: Int) -> Bool {
        guard !keepAllObjects, let maxStorage else { return false }
        return objectCount > maxStorage.value / Self.objectsShare / Self.blockByteCount
    }

    /// Of the quota so large a part is for objects of messages: one in so many.
    private static let objectsShare = 4
    private static let blockByteCount = 4_096

    /// Of so many days the messages are kept, where most days are known by their outline; nil: of all.
    var keptDayCount: Int? { strategy(of: .message) == .fullSync ? nil : keepRecentDays }
}
