import Objects

/// How the world of somebody who has kept everything for ten years is made up: few conversations, most of it in the busiest
/// of them, one message in ten with something attached, up to this very day.
///
/// Follows from its numbers alone.
struct LifePlan: WorldPlan {
    var messageCount = 200_000
    var conversationCount = 40
    var attachmentCount = 20_000
    /// Of all attachments together.
    var attachmentByteCount = 8 << 30
    /// Days from 1970-01-01 of the last one.
    var lastDay: Int
    var dayCount = 3_650

    var fileCount: Int { 100 }

    func title(_ index: Int) -> String { "Circle \(index)" }
    func topic(_ index: Int) -> String { "life-\(index)" }

    /// The busiest first, by rank (Zipf).
    func messageCount(of conversation: Int) -> Int {
        let harmonic = (1...conversationCount).reduce(0.0) { $0 + 1 / Double($1) }
        return max(1, Int(Double(messageCount) / harmonic / Double(conversation + 1)))
    }

    /// Messages of a day on which there are any, about.
    private static let dayMessageCount = 7

    func days(of conversation: Int) -> [Int] {
        let count = messageCount(of: conversation)
        let activeCount = max(1, min(dayCount, count / Self.dayMessageCount))
        // The quieter half has fallen silent: the last of them years ago.
        let silence = max(0, dayCount * (2 * conversation - conversationCount) / (3 * conversationCount))
        return (0..<count).map { place in
            let active = place * activeCount / count
            return lastDay - silence - (dayCount - silence - 1) * (activeCount - 1 - active) / max(1, activeCount - 1)
        }
    }

    /// Sizes from small pictures to short films, a hundred and twenty-eight times as large.
    func attachment(_ place: Int) -> PlannedBlob? {
        let every = max(1, messageCount / max(1, attachmentCount))
        guard place % every == 0 else { return nil }
        let number = place / every
        // The mean of 1, 2, 4 … 128.
        let unit = attachmentByteCount / max(1, attachmentCount) * 8 / 255
        return PlannedBlob(byteCount: max(64, unit << (number * 5 % 8)), isSparse: true)
    }
}
