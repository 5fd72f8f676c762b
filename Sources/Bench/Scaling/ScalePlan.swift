import Objects

/// How a world of many objects is made up: shaped as that of somebody who has kept everything for twenty years.
///
/// Follows from the number of objects alone: one conversation has a tenth of it as messages, with one day that is
/// twenty times shorter; the others a long tail; and one folder has a tenth as files.
struct ScalePlan: WorldPlan {
    let objectCount: Int

    var conversationCount: Int { max(3, objectCount / 200) }
    /// Messages of the largest conversation.
    var largestMessageCount: Int { max(40, objectCount / 10) }
    /// Messages of its longest day.
    var longestDayMessageCount: Int { max(20, objectCount / 200) }
    /// Messages of an ordinary day of it.
    static let dayMessageCount = 95
    /// Each message is five objects: text, time, certificate, signature, entry.
    var messageCount: Int { largestMessageCount + tailMessageCounts.reduce(0, +) }
    /// Files of the one folder: two objects each.
    var fileCount: Int { max(20, objectCount / 10) }
    /// One message of so many has an attachment.
    static let attachmentEvery = 100
    static let fileByteCount = 120

    /// Messages of the other conversations, the busiest first: as many as half of the largest has, spread by rank (Zipf).
    var tailMessageCounts: [Int] {
        let harmonic = (1..<conversationCount).reduce(0.0) { $0 + 1 / Double($1) }
        let budget = Double(largestMessageCount) / 2
        return (1..<conversationCount).map { max(1, Int(budget / harmonic / Double($0))) }
    }

    static let largestTitle = "Everyday"
    static let folder = "Scans"
    /// The last day anything is said, from 1970-01-01: 2025-12-31.
    static let lastDay = 20_453

    func days(of conversation: Int) -> [Int] {
        conversation == 0 ? largestDays() : tailDays(tailMessageCounts[conversation - 1])
    }

    func attachment(_ place: Int) -> PlannedBlob? {
        place % Self.attachmentEvery == 0 ? PlannedBlob(byteCount: 2_000) : nil
    }

    /// Bursts of eight, spread over twenty years.
    private func tailDays(_ count: Int) -> [Int] {
        let span = 7_300
        let bursts = (count + 7) / 8
        return (0..<count).map { Self.lastDay - span + ($0 / 8 + 1) * span / bursts }
    }

    /// Days from 1970-01-01 of the messages of the largest conversation, in order.
    private func largestDays() -> [Int] {
        let ordinary = largestMessageCount - longestDayMessageCount
        let dayCount = (ordinary + Self.dayMessageCount - 1) / Self.dayMessageCount
        let first = Self.lastDay - dayCount
        let before = (0..<ordinary).map { first + $0 / Self.dayMessageCount }
        return before + Array(repeating: Self.lastDay, count: longestDayMessageCount)
    }

    func title(_ index: Int) -> String { index == 0 ? Self.largestTitle : "Circle \(index)" }
    func topic(_ index: Int) -> String { "scale-\(index)" }
    static func fileName(_ index: Int) -> String { "scan-\(index).txt" }
}
