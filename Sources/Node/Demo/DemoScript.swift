package import Objects

/// What a demo consists of: invented people and what they wrote, the same for the same seed.
package struct DemoScript: Sendable {
    package struct Size: Sendable {
        package var conversations: Int
        package var messages: Int
        package var attachments: Int
        package var years: Int

        package init(conversations: Int, messages: Int, attachments: Int, years: Int) {
            (self.conversations, self.messages, self.attachments, self.years) =
                (conversations, messages, attachments, years)
        }
    }

    /// One conversation: who takes part besides the owner, and what it is called (nil for two people).
    struct Conversation {
        var title: String?
        var people: [Int]
        var messageCount: Int
        var attachmentCount: Int
    }

    /// A line of a conversation; the author is an index into its people, nil for the owner.
    struct Line {
        var author: Int?
        var time: Timestamp
        var text: String
        var attachment: Attachment?
    }

    enum Attachment {
        case picture(name: String, seed: UInt64)
        case note(name: String, text: String)
    }

    let size: Size
    let random: SeededRandom
    /// The last moment anything is written.
    let end: Timestamp

    package init(size: Size, seed: UInt64, end: Timestamp) {
        (self.size, random, self.end) = (size, SeededRandom(seed: seed), end)
    }

    package static let ownerName = "Mira Sandberg"
    static let people = [
        "Jonas Feld", "Aylin Demir", "Tom Okafor", "Lena Brandt", "Sofía Reyes", "Noah Lindqvist", "Mei Tanaka",
        "Oma Hilde", "Papa", "Clara Voss", "Ravi Menon", "Zoë Martin", "Emil Novák", "Ida Sørensen", "Yusuf Kaya",
    ]
    private static let groups = [
        "Family", "Climbing Tuesdays", "Book club", "Project Lighthouse", "Flat 3B", "Summer trip 🏕", "Choir",
        "Neighbours",
    ]

    /// The conversations, the busiest first: each has half as much as the one before, down to a floor.
    func conversations() -> [Conversation] {
        let weights = (0..<size.conversations).map { max(1, 4096 >> min($0, 10)) }
        let total = weights.reduce(0, +)
        return weights.indices.map { index in
            let isGroup = index % 3 == 1
            let round = index / Self.groups.count
            let title = Self.groups[index % Self.groups.count] + (round == 0 ? "" : " \(round + 1)")
            let first = index % Self.people.count
            let people = isGroup ? (0..<4).map { (first + $0 * 3) % Self.people.count } : [first]
            return Conversation(
                title: isGroup ? title : nil,
                people: Array(Set(people)).sorted(),
                messageCount: max(1, size.messages * weights[index] / total),
                attachmentCount: size.attachments * weights[index] / total
            )
        }
    }

    /// The lines of a conversation, oldest first: bursts within days, days spread over the years.
    func lines(of conversation: Conversation) -> [Line] {
        let span = Int64(size.years) * 365 * 86_400
        let start = end.nanoseconds / 1_000_000_000 - span
        let burst = 8
        let days = max(1, conversation.messageCount / burst)
        let attachmentEvery =
            conversation.attachmentCount > 0
            ? max(1, conversation.messageCount / conversation.attachmentCount) : Int.max
        return (0..<conversation.messageCount).map { index in
            let day = Int64(index / burst) * span / Int64(days)
            let seconds = start + day / 86_400 * 86_400 + 8 * 3_600 + Int64(index % burst) * 4_500 + Int64(roll(3_000))
            let author = roll(2) == 0 ? nil : conversation.people[roll(conversation.people.count)]
            let hasAttachment = index % attachmentEvery == attachmentEvery - 1
            return Line(
                author: author,
                time: Timestamp(nanoseconds: min(seconds * 1_000_000_000, end.nanoseconds)),
                text: hasAttachment && roll(3) == 0 ? "" : DemoPhrases.sentence(roll),
                attachment: hasAttachment ? attachment() : nil
            )
        }
    }

    private func attachment() -> Attachment {
        let name = DemoPhrases.thing(roll)
        guard roll(4) != 0 else {
            return .note(name: "\(name).txt", text: (0..<20).map { _ in DemoPhrases.sentence(roll) + "\n" }.joined())
        }
        return .picture(name: "\(name).png", seed: random.number(below: .max))
    }

    /// A number from 0 to below `bound`.
    func roll(_ bound: Int) -> Int { Int(random.number(below: UInt64(bound))) }
}
